import type { JsonObject } from "../../shared/core/json.js";

/**
 * One message on the link, in either direction: small JSON fields and, for batches, a binary body. The wire form,
 * authentication and replay protection are the link's; senders and handlers see only this.
 */
export interface LinkMessage {
  readonly fields: JsonObject;
  readonly body?: Buffer;
  /**
   * Of a received message whose body is large: its memory is used for another one. Who calls it, once, keeps nothing of the body; who
   * does not leaves it to the collection of garbage.
   */
  readonly giveBack?: () => void;
}

export interface AskOptions {
  readonly limitSeconds: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks the peer. May be called concurrently; never retries (the caller's loop does). Rejects with AppError
 * PEER_UNREACHABLE (no answer: the peer may or may not have processed it), PEER_REFUSED (processed and refused; the
 * message is the peer's; an error code of the catalogue sent by the handler is kept in `cause.code`) or
 * DEADLINE_EXCEEDED (as PEER_UNREACHABLE, after limitSeconds).
 */
export interface Link {
  ask(kind: string, message: LinkMessage, options: AskOptions): Promise<LinkMessage>;
}

/** Answers one kind of message. What it throws as AppError reaches the asker as PEER_REFUSED with code and message. */
export type LinkHandler = (message: LinkMessage) => Promise<LinkMessage>;

/** Message kind → handler; kinds look like "heartbeat" or "files/apply". */
export type LinkHandlers = Readonly<Record<string, LinkHandler>>;
