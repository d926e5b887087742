import { renameSync, writeFileSync } from "node:fs";

/** What a process with the files half can be told to suffer (test/support/file-faults-preload.ts). */
export interface FileFaults {
  /** It is killed (SIGKILL) at its n-th change of the disk, before it, or right after it. */
  readonly killAt?: { readonly change: number; readonly moment: "before" | "after" };
  /** Where it writes, at each change, how many there were so far. */
  readonly countTo?: string;
  /** Where it writes each change in a line of its own: DiskChange. */
  readonly traceTo?: string;
  /** As long as this file exists, nothing can be written, with the error whose code it holds (ENOSPC, EROFS, EIO). */
  readonly brokenWhile?: string;
  /** As long as this file exists, the calls that it names fail: FailingCall[] as JSON. */
  readonly failingCalls?: string;
}

/** A call that fails with a system's error, wherever it is made for a path that the regular expression finds. */
export interface FailingCall {
  readonly call: "open" | "read" | "copy" | "list" | "stat" | "sync" | "owner" | "mode";
  readonly path: string;
  readonly code: "EIO" | "EACCES" | "ENOSPC" | "EPERM";
}

/** Which calls fail now in a process that was started with its faults. */
export class FailingCalls {
  readonly #file: string;
  readonly faults: FileFaults;

  constructor(file: string) {
    this.#file = file;
    this.faults = { failingCalls: file };
  }

  set(calls: readonly FailingCall[]): void {
    // Never read half written.
    writeFileSync(`${this.#file}.new`, JSON.stringify(calls));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

export const faultsVariable = "SPARESYNC_FILE_FAULTS";
