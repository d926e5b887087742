import * as fs from "node:fs";
import path from "node:path";
import type { RoomIn } from "../../actor/files/target-room.js";

/** A disk of so many bytes for a folder alone: what is in the folder is counted by its blocks, a file with two names once. */
export class CountedDisk {
  sizeBytes: number;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  readonly roomIn: RoomIn = (root, reservedBytes) => this.sizeBytes - usedBytes(root) - reservedBytes;
}

/** Bytes that the files of a folder occupy. */
export function usedBytes(root: string, seen = new Set<number>()): number {
  let bytes = 0;
  for (const name of fs.readdirSync(root)) {
    const place = path.join(root, name);
    const stat = fs.lstatSync(place, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) bytes += usedBytes(place, seen);
    else if (stat !== undefined && !seen.has(stat.ino)) {
      seen.add(stat.ino);
      bytes += stat.blocks * 512;
    }
  }
  return bytes;
}
