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
}

export const faultsVariable = "SPARESYNC_FILE_FAULTS";
