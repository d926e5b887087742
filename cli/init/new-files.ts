import { mkdir, rm, rmdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { Interruption, UsageError } from "../cli-io.js";

/** Files to be made, by absolute path, in the order in which they are shown. */
export type NewFiles = ReadonlyMap<string, { readonly content: string; readonly mode: number }>;

/** What was made, in the order of making. */
interface Made {
  readonly files: string[];
  readonly folders: string[];
}

/**
 * Writes files that do not exist yet; resolves to what takes them back. When one exists, a write fails or the signal
 * aborts, none of them is left behind, nor a folder made for them.
 */
export async function writeNewFiles(files: NewFiles, signal: AbortSignal): Promise<() => Promise<void>> {
  const existing: string[] = [];
  for (const file of files.keys()) if (await exists(file)) existing.push(file);
  if (existing.length > 0) throw new UsageError(`nothing was written, because these exist: ${existing.join(", ")}`);
  const made: Made = { files: [], folders: [] };
  try {
    for (const [file, { content, mode }] of files) {
      signal.throwIfAborted();
      await makeFolder(path.dirname(file), made);
      // "wx": a file that appeared meanwhile is not overwritten either.
      await writeFile(file, content, { mode, flag: "wx" });
      made.files.push(file);
    }
    signal.throwIfAborted();
  } catch (error) {
    await takeBack(made);
    if (error instanceof Interruption) throw new Interruption(error.exitCode, "interrupted; nothing was written");
    throw notWritten(error);
  }
  return () => takeBack(made);
}

function notWritten(error: unknown): AppError {
  const hint = "name another folder with --out, or let this user write there";
  return new AppError("FILE_FAILED", `nothing was written: ${errorMessage(error)}`, { cause: error, hint });
}

async function makeFolder(folder: string, made: Made): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let inner = folder; inner !== path.dirname(first); inner = path.dirname(inner)) made.folders.push(inner);
}

async function takeBack({ files, folders }: Made): Promise<void> {
  for (const file of files) await rm(file, { force: true });
  // The inner ones first. One that holds something else by now stays.
  for (const folder of folders.toSorted((a, b) => b.length - a.length)) await rmdir(folder).catch(() => undefined);
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw notWritten(error);
  }
}
