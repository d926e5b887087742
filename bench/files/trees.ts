import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";

/** Bytes that do not compress and are the same in every run. */
export function seededBytes(seed: string, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let count = 0; count * 64 < length; count += 1) {
    blocks.push(createHash("sha512").update(`${seed}:${count}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** So many files of so many bytes, a hundred in a folder. Each has its own content. `note` is told now and then. */
export function makeSmallFiles(root: string, files: number, bytes: number, note?: (text: string) => void): void {
  const content = Buffer.from(seededBytes(root.slice(-1), bytes));
  for (let index = 0; index < files; index += 1) {
    const folder = join(root, folderOf(index));
    if (index % filesPerFolder === 0) fs.mkdirSync(folder, { recursive: true });
    content.writeUInt32BE(index, 0);
    fs.writeFileSync(join(folder, `file-${index}`), content);
    if (index > 0 && index % filesPerNote === 0) note?.(`${index} of ${files} files made`);
  }
}

const filesPerNote = 200_000;
const filesPerFolder = 100;

export function folderOf(index: number): string {
  const number = Math.floor(index / filesPerFolder);
  return join(`part-${Math.floor(number / filesPerFolder)}`, `folder-${number}`);
}

export function smallFilePath(index: number): string {
  return join(folderOf(index), `file-${index}`);
}

const pieceBytes = 4 * 1024 * 1024;

/** One file of so many bytes, no two of its blocks alike. */
export function makeLargeFile(file: string, bytes: number): void {
  const piece = Buffer.from(seededBytes("large", pieceBytes));
  const descriptor = fs.openSync(file, "w");
  try {
    for (let offset = 0; offset < bytes; offset += pieceBytes) {
      // Enough to make each 64 KiB block differ from every other one.
      for (let place = 0; place < pieceBytes; place += 4096) piece.writeDoubleBE(offset + place, place);
      fs.writeSync(descriptor, piece, 0, Math.min(pieceBytes, bytes - offset));
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Overwrites 4 KiB pieces spread evenly over a file until the share of its 64 KiB blocks is touched. */
export function changeShare(file: string, share: number, round: number): void {
  const blockBytes = 64 * 1024;
  const blocks = Math.floor(fs.statSync(file).size / blockBytes);
  const touched = Math.max(1, Math.round(blocks * share));
  const descriptor = fs.openSync(file, "r+");
  try {
    for (let count = 0; count < touched; count += 1) {
      const block = Math.floor(((count + ((round * 7) % 10) / 10) * blocks) / touched);
      fs.writeSync(descriptor, seededBytes(`change ${round} ${count}`, 4096), 0, 4096, block * blockBytes);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

/** How many files stand below a folder; what the contenders keep for themselves not counted. */
export function countFiles(root: string): number {
  let count = 0;
  const walk = (folder: string): void => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      if (folder === root && entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) walk(join(folder, entry.name));
      else count += 1;
    }
  };
  walk(root);
  return count;
}

/** A folder made empty. */
export function emptied(folder: string): string {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}
