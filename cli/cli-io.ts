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
  /**
   * Aborts when the user interrupts the command (Ctrl-C, SIGTERM, SIGHUP), with an Interruption as its reason. Until it is
   * asked for, a signal ends the process at once: a command asks for it that has something to finish, to undo or to say.
   */
  readonly interruption: () => AbortSignal;
}

/** 0: fine; 1: a problem was found or the thing asked for did not happen; 2: the command was not understood; 141: nobody reads. */
export const exitCodes = { fine: 0, problem: 1, usage: 2, brokenPipe: 141 } as const;

/** What a command answers: text for people, one JSON object for programs, and the exit code. */
export interface CommandResult {
  readonly text: string;
  readonly json: JsonObject;
  readonly exitCode: number;
  /** Takes everything back when nobody could read the result: what is shown only once would be lost for good. */
  readonly takeBack?: () => Promise<void>;
}

/** A wrong use of the command line; its message is all there is to say. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The user ended the command. Its message says what goes on without it, or that nothing was done. */
export class Interruption extends Error {
  override readonly name = "Interruption";

  /** `exitCode`: 128 + the number of the signal, as shells show it. */
  constructor(
    readonly exitCode: number,
    message = "interrupted",
  ) {
    super(message);
  }
}

/** The exit code of the interruption that aborted the signal. */
export function interruptionCode(signal: AbortSignal): number {
  return signal.reason instanceof Interruption ? signal.reason.exitCode : exitCodes.problem;
}

/** Progress goes to stderr, so that stdout holds nothing but the result. */
export function tell(io: CliIo, line: string): void {
  io.stderr.write(`${line}\n`);
}
