import { isSameExtended } from "./extended-attributes.js";
import { isSameTime, type FileEntry } from "./file-entry.js";

/** What the target has where a file is to be put: perhaps the very content, perhaps most of it. */
export interface FileBasis {
  readonly size: number;
  /** The content's hash, if the target knows it. */
  readonly contentHash?: string;
  /** Apart from the content there is nothing to do, unless the target has a doubt that must be ended. */
  readonly isSettled: boolean;
}

export interface FileDoubts {
  /** The content of the source's file may have changed without a sign of it in size and time. */
  readonly isSourceDoubtful: boolean;
  readonly isTargetDoubtful: boolean;
  /** Owner and group count. */
  readonly hasOwner: boolean;
}

/** `content`: it differs, or only reading can tell. `attributes`: nothing else differs. */
export type FileVerdict = "same" | "attributes" | "content";

/** Compares a file on both sides by size, times, attributes and what is known of changes that these do not show. */
export function compareFiles(source: FileEntry, target: FileEntry, doubts: FileDoubts): FileVerdict {
  const isQuestion = doubts.isSourceDoubtful || doubts.isTargetDoubtful || !isSameTime(source.mtimeNs, target.mtimeNs);
  if (source.size !== target.size || isQuestion) return "content";
  return hasSameAttributes(source, target, doubts.hasOwner) ? "same" : "attributes";
}

/** What the target's file is good for when the content must be put or looked at. */
export function basisOf(
  source: FileEntry,
  target: FileEntry & { readonly contentHash?: string },
  doubts: FileDoubts,
): FileBasis {
  const isSettled = !doubts.isTargetDoubtful && hasSameAttributes(source, target, doubts.hasOwner);
  const basis = { size: target.size, isSettled };
  // A file of another size has another content, whatever its hash.
  return target.contentHash === undefined || target.size !== source.size
    ? basis
    : { ...basis, contentHash: target.contentHash };
}

/** Mode, time, owner and extended attributes, as far as both sides can keep these. A link has no mode of its own. */
export function hasSameAttributes(source: FileEntry, target: FileEntry, hasOwner: boolean): boolean {
  const isSameOwner = !hasOwner || (source.uid === target.uid && source.gid === target.gid);
  const isSameMode = source.kind === "link" || source.mode === target.mode;
  return (
    isSameMode && isSameTime(source.mtimeNs, target.mtimeNs) && isSameOwner && hasSameExtended(source, target, hasOwner)
  );
}

function hasSameExtended({ extended: source }: FileEntry, { extended: target }: FileEntry, hasOwner: boolean): boolean {
  return source === undefined || target === undefined || isSameExtended(source, target, hasOwner);
}
