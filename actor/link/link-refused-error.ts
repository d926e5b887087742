import { AppError } from "../../shared/core/app-error.js";
import type { LinkRefusal } from "../core/link-refusal.js";

/** The cause of a PEER_REFUSED or PEER_UNREACHABLE that the link itself, not a handler, brought about. */
export class LinkRefusedError extends AppError {
  readonly reason: LinkRefusal;

  constructor(reason: LinkRefusal, message: string) {
    super("LINK_REFUSED", message);
    this.name = "LinkRefusedError";
    this.reason = reason;
  }
}

/**
 * Why the link refused, for the named configuration errors: `same-roles`, `unknown-protocol`, `wrong-key` …; undefined
 * when a failed `ask` has another cause (no answer, or the handler refused).
 */
export function linkRefusalOf(error: unknown): LinkRefusal | undefined {
  if (error instanceof LinkRefusedError) return error.reason;
  if (error instanceof AppError && error.cause instanceof LinkRefusedError) return error.cause.reason;
  return undefined;
}
