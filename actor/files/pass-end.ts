import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";

/** A failure of the link or of the target as a whole, told apart from the failure of one file. */
class PassEnd extends Error {
  constructor(cause: unknown) {
    super("the pass cannot go on", { cause });
  }
}

/** What goes wrong here ends the pass. */
export async function guardPass<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw isPassEnding(error) ? error : new PassEnd(error);
  }
}

/** The same for work that is often done at once: then there is nothing to wait for. */
export function guardStep(work: () => Promise<void> | undefined): Promise<void> | undefined {
  try {
    const later = work();
    return later === undefined ? undefined : guardPass(later);
  } catch (error) {
    throw isPassEnding(error) ? error : new PassEnd(error);
  }
}

export function isPassEnding(error: unknown): boolean {
  return error instanceof PassEnd;
}

/** The failure itself, for whoever asked for the pass, and by which code people know it. */
export function nameFailure(
  thrown: unknown,
  signal: AbortSignal,
): { readonly failure: AppError; readonly code: string } {
  const error = isPassEnding(thrown) ? (thrown as PassEnd).cause : thrown;
  if (signal.aborted) {
    const failure = new AppError("ABORTED", "The work on the files was cancelled.", { cause: error });
    return { failure, code: failure.code };
  }
  const failure =
    error instanceof AppError ? error : new AppError("FILE_FAILED", errorMessage(error), { cause: error });
  // The target's own code says more than that it refused.
  const code = failure.code === "PEER_REFUSED" ? (errorCode(failure.cause) ?? failure.code) : failure.code;
  return { failure, code };
}
