import type { Command } from "commander";
import type { CliIo, CommandResult } from "./cli-io.js";

/** What a command is given besides its arguments. */
export interface CommandContext {
  readonly io: CliIo;
  /** Prints the result as asked for (`--json`) and keeps its exit code. Rejects when nobody reads it any more. */
  readonly answer: (result: CommandResult) => Promise<void>;
}

/** One command of `sparesync`: adds itself to the program. The list is commands/index.ts. */
export type AddCommand = (program: Command, context: CommandContext) => void;

export const jsonOption = ["--json", "print one JSON object as the last line of stdout"] as const;
export const settingsOption = ["--settings <file>", "the settings file of this server"] as const;
