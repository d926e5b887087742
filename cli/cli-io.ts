import type { Readable, Writable } from "node:stream";
import type { ClockPort } from "../shared/core/clock-port.js";
import type { JsonObject } from "../shared/core/json.js";

/** What the command line may touch of its surroundings; tests give it streams of their own. */
export interface CliIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a person sits at both ends, so that questions may be asked. */
  readonly isInteractive: boolean;
  readonly clock: ClockPort;
}

/** 0: fine; 1: a problem was found or the thing asked for did not happen; 2: the command was not understood. */
export const exitCodes = { fine: 0, problem: 1, usage: 2 } as const;

/** What a command answers: text for people, one JSON object for programs, and the exit code. */
export interface CommandResult {
  readonly text: string;
  readonly json: JsonObject;
  readonly exitCode: number;
}

/** A wrong use of the command line; its message is all there is to say. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Progress goes to stderr, so that stdout holds nothing but the result. */
export function tell(io: CliIo, line: string): void {
  io.stderr.write(`${line}\n`);
}
