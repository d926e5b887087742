import * as fs from "node:fs";
import { writeFileAtomically } from "../../shared/atomic-file.js";
import { errorCode } from "../../shared/core/app-error.js";
import {
  decodeDeletedRecords,
  deletedRecordsFile,
  encodeDeletedRecord,
  type DeletedRecord,
} from "../core/deleted-record.js";
import { openOwnFolder } from "./own-folder.js";

/** What is recorded of the files in `.deleted` of a folder, by their path in it. */
export function readDeletedRecords(root: string): Map<string, DeletedRecord> {
  const own = openOwnFolder(root);
  try {
    return decodeDeletedRecords(fs.readFileSync(own.place(deletedRecordsFile), "utf8"));
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    return new Map();
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
