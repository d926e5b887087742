#!/usr/bin/env node
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { AppError, errorMessage } from "../shared/core/app-error.js";
import type { JsonObject } from "../shared/core/json.js";
import { SettingsError } from "../shared/core/settings/settings-problem.js";
import { createSystemClock } from "../shared/system-clock.js";
import { exitCodes, UsageError, type CliIo, type CommandResult } from "./cli-io.js";
import type { CommandContext } from "./command.js";
import { commands } from "./commands/index.js";

/** Runs one command line (without node and script) and returns its exit code. Prints every failure; never throws. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const isJson = argv.includes("--json");
  let exitCode: number = exitCodes.fine;
  const answer = (result: CommandResult): void => {
    exitCode = result.exitCode;
    io.stdout.write(isJson ? `${JSON.stringify(result.json)}\n` : result.text === "" ? "" : `${result.text}\n`);
  };
  try {
    await createProgram({ io, answer }).parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.fine;
    exitCode = error instanceof CommanderError || error instanceof UsageError ? exitCodes.usage : exitCodes.problem;
    printFailure(error, isJson, io);
  }
  return exitCode;
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
  if (error instanceof UsageError) return { message: error.message, hint: "" };
  const stack = typeof error === "object" && error !== null && "stack" in error ? String(error.stack) : String(error);
  return { message: `this is a bug in sparesync: ${stack}`, hint: "" };
}

function failureJson(error: unknown): JsonObject {
  const isUsage = error instanceof CommanderError || error instanceof UsageError;
  const code = error instanceof AppError ? error.code : isUsage ? "USAGE" : "BUG";
  const hint = describeFailure(error).hint;
  return {
    code,
    message: errorMessage(error),
    ...(hint === "" ? {} : { hint }),
    ...(error instanceof SettingsError ? { problems: error.problems.map((problem) => ({ ...problem })) } : {}),
  };
}

/** True when this file is the program and not imported; also when started through npm's link in node_modules/.bin. */
function isMain(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isMain()) {
  process.exitCode = await runCli(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    clock: createSystemClock(),
  });
}
