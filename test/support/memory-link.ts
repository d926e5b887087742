import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { AskOptions, Link, LinkHandlers, LinkMessage } from "../../actor/link/link.js";

/** What happens to one message on its way. */
export interface LinkFaults {
  /** The peer never gets it. */
  loseQuestion?: (kind: string, count: number) => boolean;
  /** The peer does it and the answer is lost. */
  loseAnswer?: (kind: string, count: number) => boolean;
  /** The peer gets it a second time afterwards; what becomes of that nobody hears. */
  repeat?: (kind: string, count: number) => boolean;
}

/** A link in memory: calls the peer's handlers with copies, as if everything had gone over a wire. */
export class MemoryLink implements Link {
  faults: LinkFaults = {};
  /** Messages so far, by kind. */
  readonly asked: { readonly kind: string; readonly message: LinkMessage }[] = [];
  handlers: LinkHandlers = {};

  async ask(kind: string, message: LinkMessage, options: AskOptions): Promise<LinkMessage> {
    const sent = copy(message);
    this.asked.push({ kind, message: sent });
    const count = this.asked.length;
    if (options.signal?.aborted === true) throw new AppError("ABORTED", "cancelled");
    if (this.faults.loseQuestion?.(kind, count) === true) throw unreachable();
    const answer = await this.#deliver(kind, sent);
    if (this.faults.repeat?.(kind, count) === true) await this.#deliver(kind, copy(sent)).catch(() => undefined);
    if (this.faults.loseAnswer?.(kind, count) === true) throw unreachable();
    return answer;
  }

  count(kind: string): number {
    return this.asked.filter((one) => one.kind === kind).length;
  }

  async #deliver(kind: string, message: LinkMessage): Promise<LinkMessage> {
    const handler = this.handlers[kind];
    if (handler === undefined) throw new AppError("PEER_REFUSED", `no handler for ${kind}`);
    try {
      return copy(await handler(message));
    } catch (error) {
      throw new AppError("PEER_REFUSED", errorMessage(error), { cause: { code: errorCode(error) } });
    }
  }
}

function copy(message: LinkMessage): LinkMessage {
  const fields = JSON.parse(JSON.stringify(message.fields)) as JsonObject;
  return { fields, ...(message.body === undefined ? {} : { body: Buffer.from(message.body) }) };
}

function unreachable(): AppError {
  return new AppError("PEER_UNREACHABLE", "the peer does not answer");
}
