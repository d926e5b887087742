#!/usr/bin/env node
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { AppError } from "../shared/core/app-error.js";
import type { JsonObject } from "../shared/core/json.js";
import { SettingsError } from "../shared/core/settings/settings-problem.js";
import { createSystemClock } from "../shared/system-clock.js";
import { readVersion } from "../shared/version.js";
import { exitCodes, Interruption, UsageError, type CliIo, type CommandResult } from "./cli-io.js";
import type { CommandContext } from "./command.js";
import { commands } from "./commands/index.js";
import { createInterruption } from "./interruption.js";
import { isBrokenPipe, outliveReaders, printResult } from "./output.js";

/** Runs one command line (without node and script) and returns its exit code. Prints every failure; never throws. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const isJson = argv.includes("--json");
  let exitCode: number = exitCodes.fine;
  const answer = async (result: CommandResult): Promise<void> => {
    exitCode = result.exitCode;
    await printResult(result, isJson, io);
  };
  try {
    await run(argv, { io, answer });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.fine;
    // Whoever read the output has gone, on purpose: `sparesync operations | head -1`.
    if (isBrokenPipe(error)) return exitCodes.brokenPipe;
    exitCode = failureCode(error);
    printFailure(error, isJson, io);
  }
  return exitCode;
}

async function run(argv: readonly string[], context: CommandContext): Promise<void> {
  try {
    await createProgram(context).parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof VersionAsked)) throw error;
    const version = await readVersion();
    await context.answer({ text: version, json: { ok: true, version }, exitCode: exitCodes.fine });
  }
}

/** Ends the parsing at once: commander's own `--version` prints by itself and knows no --json. */
class VersionAsked extends Error {}

function failureCode(error: unknown): number {
  if (error instanceof Interruption) return error.exitCode;
  return error instanceof CommanderError || error instanceof UsageError ? exitCodes.usage : exitCodes.problem;
}

/** The whole command line; also the source of its help. */
export function createProgram(context: CommandContext): Command {
  const { io } = context;
  const program = new Command("sparesync");
  program.description("Warm-spare failover for the application that runs on two servers.");
  program.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    // Failures are printed in one place (printFailure), also those commander finds.
    writeErr: () => undefined,
  });
  program.option("--version", "print the version").on("option:version", () => {
    throw new VersionAsked();
  });
  for (const addCommand of commands) addCommand(program, context);
  inheritSettings(program);
  return program;
}

/** Commander copies these settings only into commands created by its own factory; here each creates its own. */
function inheritSettings(program: Command): void {
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    inheritSettings(command);
  }
}

function printFailure(error: unknown, isJson: boolean, io: CliIo): void {
  const { message, hint } = describeFailure(error);
  io.stderr.write(`${message}${hint === "" ? "" : `\n→ ${hint}`}\n`);
  if (isJson) io.stdout.write(`${JSON.stringify({ ok: false, error: failureJson(error) })}\n`);
}

function describeFailure(error: unknown): { readonly message: string; readonly hint: string } {
  if (error instanceof AppError) return { message: error.message, hint: error.hint ?? "" };
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, "").replace(/^\(outputHelp\)$/, "no command was given");
    return { message, hint: "sparesync --help lists the commands, sparesync COMMAND --help its options" };
  }
  if (error instanceof UsageError || error instanceof Interruption) return { message: error.message, hint: "" };
  const stack = typeof error === "object" && error !== null && "stack" in error ? String(error.stack) : String(error);
  return { message: `this is a bug in sparesync: ${stack}`, hint: "" };
}

function failureJson(error: unknown): JsonObject {
  const { message, hint } = describeFailure(error);
  return {
    code: failureName(error),
    message,
    ...(hint === "" ? {} : { hint }),
    ...(error instanceof SettingsError ? { problems: error.problems.map((problem) => ({ ...problem })) } : {}),
  };
}

function failureName(error: unknown): string {
  if (error instanceof AppError) return error.code;
  if (error instanceof Interruption) return "INTERRUPTED";
  return error instanceof CommanderError || error instanceof UsageError ? "USAGE" : "BUG";
}

/** True when this file is the program and not imported; also when started through npm's link in node_modules/.bin. */
function isMain(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isMain()) {
  outliveReaders([process.stdout, process.stderr]);
  process.exitCode = await runCli(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    clock: createSystemClock(),
    interruption: createInterruption(process),
  });
}
