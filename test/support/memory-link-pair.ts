import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { Link, LinkHandlers, LinkMessage } from "../../actor/link/link.js";

/** What may happen to a message: `lost` before the peer saw it, `unanswered` after, `doubled` = delivered twice. */
export type LinkFault = "none" | "lost" | "unanswered" | "doubled";

/** One end of a pair of links in memory. */
export interface MemoryLinkEnd {
  readonly link: Link;
  /** What the other end's questions reach. */
  serve(handlers: LinkHandlers): void;
  /** Asked before each message this end sends. */
  faultOf: (kind: string, count: number) => LinkFault | Promise<LinkFault>;
}

/** Two links that call each other's handlers directly, with copies of everything, so that no object is shared. */
export function createMemoryLinkPair(): readonly [MemoryLinkEnd, MemoryLinkEnd] {
  const left = new End();
  const right = new End();
  left.peer = right;
  right.peer = left;
  return [left, right];
}

class End implements MemoryLinkEnd {
  peer: End | undefined;
  handlers: LinkHandlers = {};
  faultOf: MemoryLinkEnd["faultOf"] = () => "none";
  #count = 0;

  readonly link: Link = {
    ask: async (kind, message, options) => {
      const fault = await this.faultOf(kind, this.#count++);
      options.signal?.throwIfAborted();
      if (fault === "lost") throw unreachable(kind);
      const answer = await this.#deliver(kind, message);
      if (fault === "doubled") await this.#deliver(kind, message).catch(() => undefined);
      if (fault === "unanswered") throw unreachable(kind);
      return answer;
    },
  };

  serve(handlers: LinkHandlers): void {
    this.handlers = handlers;
  }

  async #deliver(kind: string, message: LinkMessage): Promise<LinkMessage> {
    const handler = this.peer?.handlers[kind];
    if (!handler) throw new AppError("PEER_REFUSED", `nobody answers ${kind}`);
    try {
      return copy(await handler(copy(message)));
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined || !(error instanceof Error)) throw error;
      throw new AppError("PEER_REFUSED", error.message, { cause: { code } });
    }
  }
}

function unreachable(kind: string): AppError {
  return new AppError("PEER_UNREACHABLE", `no answer to ${kind}`);
}

function copy(message: LinkMessage): LinkMessage {
  const fields = JSON.parse(JSON.stringify(message.fields)) as JsonObject;
  return message.body ? { fields, body: Buffer.from(message.body) } : { fields };
}
