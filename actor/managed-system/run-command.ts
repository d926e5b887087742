import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { withDeadline } from "../../shared/deadline.js";

/** As much of the end of the output as a person reads in a message. */
const tailBytes = 500;

export interface CommandOptions {
  readonly clock: ClockPort;
  readonly limitSeconds: number;
  readonly signal: AbortSignal;
  /** Added to the environment of this process. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Names the command in messages; its arguments may hold a secret and are never shown. */
  readonly what: string;
}

export interface CommandResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  /** "exited with 1: …" with the end of the output. */
  readonly ending: string;
}

/**
 * Runs a program without a shell, in a process group of its own. Resolves when the program itself has ended, whatever
 * it left running. Rejects with MANAGED_SYSTEM_FAILED (cannot be run), DEADLINE_EXCEEDED or ABORTED; the program is
 * then ended with all of its group.
 */
export async function runCommand(command: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const output = await openOutput();
  try {
    const { exitCode, how } = await withDeadline(options.clock, options, (ending) =>
      runToExit(command, { outputFd: output.fd, variables: options.variables ?? {} }, ending),
    );
    return { exitCode, ending: how + (await readTail(output)) };
  } catch (error) {
    if (errorCode(error) === "ABORTED") throw error;
    const code = errorCode(error) === "DEADLINE_EXCEEDED" ? "DEADLINE_EXCEEDED" : "MANAGED_SYSTEM_FAILED";
    const because = code === "DEADLINE_EXCEEDED" ? errorMessage(error) : `${options.what} cannot be run`;
    const detail = code === "DEADLINE_EXCEEDED" ? await readTail(output) : `: ${errorMessage(error)}`;
    throw new AppError(code, because + detail, { cause: error });
  } finally {
    await output.close();
  }
}

/**
 * A file without a name, not a pipe: a program that stays behind keeps its output open, and writing into a pipe
 * whose reader has ended would end it. Such a program should be started with an output of its own.
 */
async function openOutput(): Promise<FileHandle> {
  const file = path.join(tmpdir(), `sparesync-output-${randomBytes(8).toString("hex")}`);
  const handle = await open(file, "ax+", 0o600);
  await rm(file, { force: true });
  return handle;
}

async function readTail(output: FileHandle): Promise<string> {
  const { size } = await output.stat();
  const start = Math.max(0, size - tailBytes);
  const { buffer, bytesRead } = await output.read(Buffer.alloc(tailBytes), 0, tailBytes, start);
  const text = buffer.subarray(0, bytesRead).toString("utf8").trim();
  return text === "" ? "" : `: ${start > 0 ? "…" : ""}${text}`;
}

function runToExit(
  [program = "", ...args]: readonly string[],
  { outputFd, variables }: { readonly outputFd: number; readonly variables: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<{ exitCode: number | undefined; how: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      detached: true,
      stdio: ["ignore", outputFd, outputFd],
      windowsHide: true,
      env: { ...process.env, ...variables },
    });
    const end = (): void => {
      endGroup(child.pid);
    };
    signal.addEventListener("abort", end, { once: true });
    child.once("error", (error) => {
      signal.removeEventListener("abort", end);
      reject(error);
    });
    child.once("exit", (code, signalName) => {
      signal.removeEventListener("abort", end);
      resolve(
        code === null
          ? { exitCode: undefined, how: `was ended by ${String(signalName)}` }
          : { exitCode: code, how: `exited with ${code}` },
      );
    });
  });
}

/** Ends a program that is still running with everything it started in its group. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It ended between the look and the signal.
  }
}
