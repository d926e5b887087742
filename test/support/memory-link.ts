import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import { contentLimits } from "../../actor/core/link-admission.js";
import type { AskOptions, Link, LinkHandlers, LinkMessage } from "../../actor/link/link.js";

/** What may happen to a message: `lost` before the peer saw it, `unanswered` after, `doubled` = delivered twice. */
export type LinkFault = "none" | "lost" | "unanswered" | "doubled";

/** A link in memory: calls the peer's handlers with copies, as if all had gone over a wire, with the link's limits. */
export class MemoryLink implements Link {
  /** The peer's. */
  handlers: LinkHandlers = {};
  /** Asked before each message; `count`: the messages before it. */
  faultOf: (kind: string, count: number) => LinkFault | Promise<LinkFault> = () => "none";
  /** All messages so far. */
  readonly asked: { readonly kind: string; readonly message: LinkMessage }[] = [];

  async ask(kind: string, message: LinkMessage, options: AskOptions): Promise<LinkMessage> {
    const sent = copy(message, `"${kind}"`);
    this.asked.push({ kind, message: sent });
    const fault = await this.faultOf(kind, this.asked.length - 1);
    if (options.signal?.aborted === true) throw new AppError("ABORTED", "cancelled");
    if (fault === "lost") throw unreachable(kind);
    const answer = await this.#deliver(kind, sent);
    // What becomes of the second one nobody hears.
    if (fault === "doubled") await this.#deliver(kind, sent).catch(() => undefined);
    if (fault === "unanswered") throw unreachable(kind);
    return answer;
  }

  count(kind: string): number {
    return this.asked.filter((one) => one.kind === kind).length;
  }

  async #deliver(kind: string, message: LinkMessage): Promise<LinkMessage> {
    const handler = this.handlers[kind];
    if (handler === undefined) throw new AppError("PEER_REFUSED", `nobody answers ${kind}`);
    try {
      return copy(await handler(copy(message, kind)), `the answer to "${kind}"`);
    } catch (error) {
      throw new AppError("PEER_REFUSED", errorMessage(error), { cause: { code: errorCode(error) } });
    }
  }
}

function copy(message: LinkMessage, what: string): LinkMessage {
  const text = JSON.stringify(message.fields);
  const fieldsBytes = Buffer.byteLength(text);
  const bodyBytes = message.body?.length ?? 0;
  if (fieldsBytes > contentLimits.fieldsBytes || bodyBytes > contentLimits.bodyBytes) {
    throw new AppError("REQUEST_TOO_LARGE", `${what}: ${fieldsBytes} bytes of fields, ${bodyBytes} of body`);
  }
  const fields = JSON.parse(text) as JsonObject;
  return message.body === undefined ? { fields } : { fields, body: Buffer.from(message.body) };
}

function unreachable(kind: string): AppError {
  return new AppError("PEER_UNREACHABLE", `no answer to ${kind}`);
}
