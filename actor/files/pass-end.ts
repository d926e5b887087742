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

/** The failure itself, for whoever asked for the pass. */
export function passFailure(error: unknown): unknown {
  return error instanceof PassEnd ? error.cause : error;
}
