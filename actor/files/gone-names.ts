import { createHash } from "node:crypto";
import type { ApprovalQuestion } from "../sync-part.js";

/** Of so many the names are compared one by one; of more only whether they are the very same. 8 bytes each. */
const comparedNames = 1_000_000;
const shownExamples = 20;
const shownFolders = 10;
/** Of so many folders in the root it is counted how many files go; of more, all that go from others are one number. */
const countedFolders = 1000;
const otherFolders = "(others)";
const wordMask = 0xffff_ffff_ffff_ffffn;

/**
 * The names of files of a target that would go: what a person is shown of them, and enough of each to tell later whether others
 * go. Bounded in memory, whatever their number.
 */
export class GoneNames {
  readonly #examples: string[] = [];
  readonly #folders = new Map<string, number>();
  #hashes = new BigUint64Array(1024);
  #files = 0;
  /** Over all of them, in whatever order they came. */
  #sum = 0n;
  #otherSum = 0n;

  add(path: string): void {
    const digest = createHash("sha256").update(path).digest();
    const hash = digest.readBigUInt64LE(0);
    this.#sum = (this.#sum + hash) & wordMask;
    this.#otherSum = (this.#otherSum + digest.readBigUInt64LE(8)) & wordMask;
    if (this.#files < comparedNames) this.#keep(hash);
    this.#files += 1;
    if (this.#examples.length < shownExamples) this.#examples.push(path);
    this.#count(path);
  }

  /** What of them is shown to a person. */
  get view(): Pick<ApprovalQuestion, "files" | "folders" | "examples"> {
    const folders = [...this.#folders].map(([folder, files]) => ({ folder, files }));
    folders.sort((a, b) => b.files - a.files);
    return { files: this.#files, folders: folders.slice(0, shownFolders), examples: this.#examples };
  }

  /** The same for the same names in whatever order. */
  get fingerprint(): string {
    return `${this.#files}-${this.#sum.toString(16)}-${this.#otherSum.toString(16)}`;
  }

  /** How many of these names are not among the others; more than can be compared are all others unless they are the very same. */
  countOthers(approved: GoneNames): number {
    if (this.fingerprint === approved.fingerprint) return 0;
    if (Math.max(this.#files, approved.#files) > comparedNames) return Infinity;
    const theirs = approved.#sorted();
    let others = 0;
    let at = 0;
    for (const hash of this.#sorted()) {
      while (at < theirs.length && (theirs[at] ?? 0n) < hash) at += 1;
      if (theirs[at] !== hash) others += 1;
    }
    return others;
  }

  #keep(hash: bigint): void {
    if (this.#files === this.#hashes.length) {
      const larger = new BigUint64Array(this.#hashes.length * 2);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#files] = hash;
  }

  #sorted(): BigUint64Array {
    return this.#hashes.slice(0, Math.min(this.#files, comparedNames)).sort();
  }

  #count(path: string): void {
    const end = path.indexOf("/");
    const folder = end < 0 ? "" : path.slice(0, end);
    const isCounted = this.#folders.has(folder) || this.#folders.size < countedFolders;
    const counted = isCounted ? folder : otherFolders;
    this.#folders.set(counted, (this.#folders.get(counted) ?? 0) + 1);
  }
}
