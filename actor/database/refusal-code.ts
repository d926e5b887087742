import { errorCode } from "../../shared/core/app-error.js";

/** The code with which the target refused, or that of the error itself. */
export function refusalCode(error: unknown): string | undefined {
  if (errorCode(error) !== "PEER_REFUSED") return errorCode(error);
  const cause = typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined;
  return errorCode(cause) ?? "PEER_REFUSED";
}
