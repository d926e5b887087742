import type { Writable } from "node:stream";
import { AppError, errorCode } from "../shared/core/app-error.js";
import type { CliIo, CommandResult } from "./cli-io.js";

/** Whether an error says that the reader of a pipe has gone. Node ignores SIGPIPE and reports this instead. */
export function isBrokenPipe(error: unknown): boolean {
  return errorCode(error) === "EPIPE";
}

/**
 * Without a listener, a stream whose reader has gone ends the process with a stack trace: also an actor that keeps the
 * application available. Whoever needs to know that a line was not read looks at how its write ended.
 */
export function outliveReaders(streams: readonly Writable[]): void {
  for (const stream of streams) stream.on("error", () => undefined);
}

/** Prints a result. Rejects with EPIPE when nobody reads it any more, after the command has taken back what it did. */
export async function printResult(result: CommandResult, isJson: boolean, { stdout }: CliIo): Promise<void> {
  const text = isJson ? JSON.stringify(result.json) : result.text;
  if (text === "") return;
  try {
    await write(stdout, `${text}\n`);
  } catch (error) {
    if (!result.takeBack) throw error;
    await result.takeBack();
    throw new AppError("ABORTED", "the result could not be shown, so all of it was taken back", { cause: error });
  }
}

function write(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
