import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";

/** Programs that only tell something answer at once; one that hangs must not hold up the check. */
const limitMs = 5000;
/** Without a shell Windows starts only these. */
const windowsEndings = ["", ".exe", ".com"];

export interface ProgramOutput {
  /** Undefined when it could not be run, or did not end in time. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that only reads, to its end; in English, for it is to be understood. Never rejects. */
export function readProgram([program = "", ...args]: readonly string[], searchPath: string): Promise<ProgramOutput> {
  const env = { ...process.env, PATH: searchPath, LC_ALL: "C" };
  return new Promise((resolve) => {
    execFile(program, args, { timeout: limitMs, windowsHide: true, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      const exitCode = typeof code === "number" ? code : undefined;
      resolve({ exitCode, stdout, stderr: stderr === "" && exitCode === undefined ? (error?.message ?? "") : stderr });
    });
  });
}

/** Whether a program that is started by this name is there, as execvp(3) looks for it. */
export async function isProgramThere(program: string, searchPath: string): Promise<boolean> {
  const isPath = program.includes("/") || program.includes(path.sep);
  const places = isPath ? [program] : searchPath.split(path.delimiter).map((folder) => path.join(folder, program));
  const endings = process.platform === "win32" ? windowsEndings : [""];
  for (const file of places.flatMap((place) => endings.map((ending) => place + ending))) {
    if (await isExecutable(file)) return true;
  }
  return false;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
