import { type ChildProcess, spawn } from "node:child_process";

export interface ProgramResult {
  readonly exitCode: number | null;
  /** Both outputs, in the order in which they came. */
  readonly output: string;
}

/** A program that Debian has; it is an error that names it when it is not installed. Nothing is skipped. */
export function spawnProgram(program: string, args: readonly string[], cwd?: string): ChildProcess {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], ...(cwd !== undefined && { cwd }) });
  return child;
}

/** Runs a program to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { input = "", cwd }: { readonly input?: string; readonly cwd?: string } = {},
): Promise<ProgramResult> {
  const child = spawnProgram(program, args, cwd);
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => (output += chunk));
  }
  return await new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "ENOENT" ? new Error(`missing program: ${program}`) : error);
    });
    child.once("close", (exitCode) => {
      resolve({ exitCode, output });
    });
    child.stdin!.on("error", () => undefined);
    child.stdin!.end(input);
  });
}
