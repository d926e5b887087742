import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { readFileIfExists } from "../../shared/atomic-file.js";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { guardReportSchema, leaseSchema } from "../core/lease.js";
import type { GuardFilesPort } from "./guard-files-port.js";

/**
 * The files in the state directory. Written without waiting for the disk: they mean something only while the machine
 * runs, and a disk that is slow must not make a living actor look dead.
 */
export function createGuardFiles(stateDirectory: string): GuardFilesPort {
  const lease = path.join(stateDirectory, "lease.json");
  const report = path.join(stateDirectory, "guard.json");
  return {
    readLease: () => read(lease, leaseSchema),
    writeLease: (content) => replace(lease, content),
    readReport: () => read(report, guardReportSchema),
    writeReport: (content) => replace(report, content),
  };
}

async function read<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema> | undefined> {
  const text = await readFileIfExists(file);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError("STATE_UNREADABLE", `${file} cannot be understood: ${errorMessage(error)}`, {
      hint: "Actor and guard must be of the same version; the file is written anew within seconds.",
    });
  }
}

/** One writer for each file, so a fixed temporary name is enough, and nothing is left behind by a kill. */
async function replace(file: string, content: object): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
