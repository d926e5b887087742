import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { errorCode } from "../../shared/core/app-error.js";
import { UsageError } from "../cli-io.js";

/** Files to be made, by absolute path, in the order in which they are shown. */
export type NewFiles = ReadonlyMap<string, { readonly content: string; readonly mode: number }>;

/** Writes files that do not exist yet. When one exists, or a write fails, none of them is left behind. */
export async function writeNewFiles(files: NewFiles): Promise<void> {
  const existing: string[] = [];
  for (const file of files.keys()) if (await exists(file)) existing.push(file);
  if (existing.length > 0) throw new UsageError(`nothing was written, because these exist: ${existing.join(", ")}`);
  const written: string[] = [];
  try {
    for (const [file, { content, mode }] of files) {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      // "wx": a file that appeared meanwhile is not overwritten either.
      await writeFile(file, content, { mode, flag: "wx" });
      written.push(file);
    }
  } catch (error) {
    for (const file of written) await rm(file, { force: true });
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}
