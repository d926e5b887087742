import type { FolderTotals } from "../core/folder-record.js";
import type { PassProgress } from "./pass.js";

/**
 * How far a full analysis has come with sending. The comparison finds folder by folder what is to be sent, while it is sent;
 * what the source has more than the target will come for certain, so that a first copy knows the whole from the beginning.
 */
export class FullProgress {
  readonly #tell: (progress: PassProgress) => void;
  readonly #least: FolderTotals;
  readonly #sinceMs: number;
  #found: FolderTotals = { files: 0, bytes: 0 };
  #ratio = 0;

  /** `sinceMs`: when sending began, monotonic; the look at both trees says nothing about how fast it will be. */
  constructor(
    { source, target, sinceMs }: { source: FolderTotals; target: FolderTotals; sinceMs: number },
    tell: (progress: PassProgress) => void,
  ) {
    this.#tell = tell;
    this.#sinceMs = sinceMs;
    this.#least = {
      files: Math.max(0, source.files - target.files),
      bytes: Math.max(0, source.bytes - target.bytes),
    };
    this.noteDone(0, 0);
  }

  noteFound(files: number, bytes: number): void {
    this.#found = { files: this.#found.files + files, bytes: this.#found.bytes + bytes };
  }

  noteDone(done: number, doneBytes: number): void {
    const total = Math.max(this.#found.files, this.#least.files, done);
    const totalBytes = Math.max(this.#found.bytes, this.#least.bytes);
    // More may be found than was done meanwhile: the bar waits then.
    this.#ratio = Math.max(this.#ratio, total === 0 ? 0 : done / total);
    this.#tell({ done, total, doneBytes, totalBytes, ratio: this.#ratio, sinceMs: this.#sinceMs });
  }
}
