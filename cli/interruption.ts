import { exitCodes, Interruption } from "./cli-io.js";
import { isBrokenPipe } from "./output.js";

/** 128 + the number of the signal, as shells show a program that a signal has ended. */
const exitCodeOf = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * A signal for one run of the command: aborts when the user ends it, or when nobody reads what it tells any more. Only the
 * first call begins to listen; a second Ctrl-C ends the process at once.
 */
export function createInterruption(process: NodeJS.Process): () => AbortSignal {
  let aborting: AbortController | undefined;
  return () => {
    if (aborting) return aborting.signal;
    const created = new AbortController();
    for (const [signal, exitCode] of Object.entries(exitCodeOf)) {
      process.once(signal, () => {
        created.abort(new Interruption(exitCode));
      });
    }
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", (error) => {
        if (isBrokenPipe(error)) created.abort(new Interruption(exitCodes.brokenPipe));
      });
    }
    aborting = created;
    return created.signal;
  };
}
