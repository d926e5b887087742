import * as fs from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { writeFileAtomically } from "../../shared/atomic-file.js";
import { errorCode } from "../../shared/core/app-error.js";
import {
  addDeletedRecord,
  deletedRecordsFile,
  encodeDeletedRecord,
  type DeletedRecord,
} from "../core/deleted-record.js";
import { openOwnFolder } from "./own-folder.js";

/** What is recorded of the files in `.deleted` of a folder, by their path in it. Piece by piece: there may be a million. */
export async function readDeletedRecords(root: string): Promise<Map<string, DeletedRecord>> {
  const records = new Map<string, DeletedRecord>();
  const descriptor = openIfThere(root);
  if (descriptor === undefined) return records;
  let rest = "";
  // It closes the descriptor.
  for await (const chunk of fs.createReadStream("", { fd: descriptor, encoding: "utf8" })) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) addDeletedRecord(records, line);
    await nextTurn();
  }
  addDeletedRecord(records, rest);
  return records;
}

function openIfThere(root: string): number | undefined {
  const own = openOwnFolder(root);
  try {
    return fs.openSync(own.place(deletedRecordsFile), fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    return undefined;
  } finally {
    own.close();
  }
}

/** Durable when it returns. */
export function appendDeletedRecords(root: string, records: readonly DeletedRecord[]): void {
  const own = openOwnFolder(root);
  try {
    const flags = fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW;
    const descriptor = fs.openSync(own.place(deletedRecordsFile), flags, 0o600);
    try {
      fs.writeSync(descriptor, records.map(encodeDeletedRecord).join(""));
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } finally {
    own.close();
  }
}

/** Replaces all records at once. */
export async function writeDeletedRecords(root: string, records: readonly DeletedRecord[]): Promise<void> {
  const own = openOwnFolder(root);
  try {
    await writeFileAtomically(own.place(deletedRecordsFile), records.map(encodeDeletedRecord).join(""));
  } finally {
    own.close();
  }
}
