import { statfsSync } from "node:fs";
import { AppError } from "../../shared/core/app-error.js";
import { parentPath, leafName, type FileEntry } from "../core/file-entry.js";
import { OpenParents } from "./open-parents.js";
import { cleanTransfers, transferBytes } from "./own-folder.js";

/** Bytes that may be written in the file system of `root` when so many stay reserved. */
export type RoomIn = (root: string, reservedBytes: number) => number;

/**
 * The room of one target folder. What came of large files and is not gone on with in this pass is ours to give up: it never
 * keeps anything else out.
 */
export class TargetRoom {
  readonly #root: string;
  readonly #reservedBytes: number;
  readonly #roomIn: RoomIn;
  readonly #used = new Set<string>();

  constructor(root: string, reservedBytes: number, look: RoomIn = roomIn) {
    this.#root = root;
    this.#reservedBytes = reservedBytes;
    this.#roomIn = look;
  }

  /** A pass begins: none of the transfers is gone on with yet. */
  begin(): void {
    this.#used.clear();
  }

  /** From here on to the end of the pass the transfer is not given up. */
  noteUsed(transfer: string): void {
    this.#used.add(transfer);
  }

  /** Bytes that may come in a pass that begins now, with those of transfers: each is gone on with or given up. */
  passBytes(): number {
    return this.#bytes() + transferBytes(this.#root);
  }

  /** Throws FILE_NO_SPACE unless so many bytes fit, when need be in place of what came of transfers before this pass. */
  require(bytes: number): void {
    if (bytes <= 0 || bytes <= this.#bytes()) return;
    cleanTransfers(this.#root, this.#used);
    requireRoomFor(bytes, this.#bytes());
  }

  #bytes(): number {
    return this.#roomIn(this.#root, this.#reservedBytes);
  }
}

/** Bytes that may still be written in a folder's file system by this process beside the reserve; below 0 when it is in use. */
export function roomIn(root: string, reservedBytes: number): number {
  const { bavail, bsize } = statfsSync(root);
  return bavail * bsize - reservedBytes;
}

/** Throws FILE_NO_SPACE unless so many bytes fit. */
export function requireRoomFor(bytes: number, roomBytes: number): void {
  if (bytes <= 0 || bytes <= roomBytes) return;
  const room = roomBytes <= 0 ? "none" : `${megabytes(roomBytes)} MB`;
  throw new AppError(
    "FILE_NO_SPACE",
    `The target has no room: ${megabytes(bytes)} MB are to come, and there is ${room} beside the reserve (reservedFreeBytes).`,
    { hint: "Free space on the target, or enlarge its disk; the synchronisation goes on by itself." },
  );
}

/** What files seem to hold and do not occupy here: holes are not sent as long as the file is large. */
export function holesIn(root: string, entries: Iterable<Pick<FileEntry, "path" | "kind">>): number {
  const parents = new OpenParents(root);
  let bytes = 0;
  try {
    for (const { path, kind } of entries) {
      if (kind !== "file") continue;
      const stat = parents.open(parentPath(path)).look(leafName(path));
      if (stat !== undefined) bytes += Math.max(0, Number(stat.size - stat.blocks * 512n));
    }
  } finally {
    parents.forget();
  }
  return bytes;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
