import { createHash } from "node:crypto";
import { keptExtended } from "./extended-attributes.js";
import { wholeMicroseconds } from "./file-entry.js";
import { digestBytes, KnownSlots, StateReader, type FolderRecord, type FolderTotals } from "./folder-record.js";

/** What a digest is made of; both sides of a comparison must agree. */
export interface DigestKind {
  /** Owner and group count. */
  readonly hasOwner: boolean;
  /** The content's hash counts; of every file it must be known. */
  readonly hasContent: boolean;
  /** Doubts of the two sides must not cancel each other out. */
  readonly side: "source" | "target";
}

export function digestKindNumber({ hasOwner, hasContent, side }: DigestKind): number {
  return (hasOwner ? 1 : 0) | (hasContent ? 2 : 0) | (side === "source" ? 4 : 0);
}

export interface FolderSummary {
  readonly digest: Buffer;
  readonly totals: FolderTotals;
}

/**
 * The digest of a folder: a hash over its entries in order, a folder among them with its own digest. Equal digests mean that
 * both sides agree on everything below, so an unchanged tree is compared by one hash. Times count in whole microseconds.
 * The attributes of the folder itself belong to the one above.
 */
export function summariseFolder(
  { count, states, known }: Pick<FolderRecord, "count" | "states" | "known">,
  kind: DigestKind,
): FolderSummary {
  const slots = new KnownSlots(known);
  const pieces: Buffer[] = [];
  const reader = new StateReader(states);
  let files = 0;
  let bytes = 0;
  for (let index = 0; index < count; index += 1) {
    const state = reader.next();
    if (state === undefined) break;
    // What cannot be copied is nothing the sides could agree on.
    if (state.kind === "other" && kind.side === "source") continue;
    const text = `${state.kind}\u0000${state.name}\u0000${state.mode}\u0000${ownerText(state, kind)}`;
    const time = wholeMicroseconds(state.mtimeNs);
    const extended = state.extended === undefined ? "" : keptExtended(state.extended, kind.hasOwner);
    // Only where there are any: a side that cannot keep them agrees with one that has none.
    if (extended !== "") pieces.push(Buffer.from(`extended\u0000${extended.length}\u0000${extended}`, "latin1"));
    if (state.kind === "folder") {
      const folder = slots.getFolder(index);
      files += folder.totals.files;
      bytes += folder.totals.bytes;
      pieces.push(Buffer.from(`${text}${time}\u0000`), folder.digest);
      continue;
    }
    files += 1;
    bytes += state.size;
    const { contentHash, isDoubtful } = slots.get(index);
    const doubt = isDoubtful ? kind.side : "";
    pieces.push(Buffer.from(`${text}${time}\u0000${state.size}\u0000${state.linkTarget}\u0000${doubt}\u0000`));
    if (kind.hasContent && contentHash !== undefined) pieces.push(contentHash);
  }
  const digest = createHash("sha256").update(Buffer.concat(pieces)).digest().subarray(0, digestBytes);
  return { digest, totals: { files, bytes } };
}

function ownerText({ uid, gid }: { readonly uid: number; readonly gid: number }, kind: DigestKind): string {
  return kind.hasOwner ? `${uid}:${gid}\u0000` : "";
}
