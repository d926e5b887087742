import type { ErrorCode } from "./error-catalogue.js";

/**
 * An expected failure: a code of the catalogue, a message that names the values that matter (never a secret) and,
 * where there is one, a hint that says what to do. Anything else that is thrown is a bug.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown; readonly hint?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.hint = options.hint;
  }
}

/** The code of an expected failure, also across module realms; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** One line for people about any thrown value. */
export function errorMessage(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error && typeof error.message === "string") {
    return error.message === "" ? (errorCode(error) ?? "unnamed error") : withoutDescriptors(error.message);
  }
  return String(error);
}

/** Through which descriptor a file was reached says nothing to people, and the path is another one each time. */
function withoutDescriptors(message: string): string {
  return message.replaceAll(/\/proc\/self\/fd\/\d+\/?/g, "");
}
