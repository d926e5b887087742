import * as fs from "node:fs";
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError, errorCode } from "../../shared/core/app-error.js";
import { blockBytes, blockHashBytes, blocksAtOnce, type BlockAnswer, type BlockQuery } from "../core/block-wire.js";
import { leafName, parentPath } from "../core/file-entry.js";
import { hashBlock } from "./content-hash.js";
import { openInside, type ConfinedFolder } from "./confined-folder.js";
import { openTemporaryFolder, transferName } from "./own-folder.js";

const readFlags = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
const readBlocks = 16;
const nothing = "0".repeat(64);
export const nothingToBuildOn: BlockAnswer = { basis: "none", size: 0, state: nothing, hashes: Buffer.alloc(0) };
/** No block has it: what stands for one that cannot be read is always sent. */
const unreadable = Buffer.alloc(blockHashBytes);

/** The hashes of some blocks of what a large file can be built on: what came of it before, or the file that is there now. */
export async function hashBasis(root: string, { path, transfer, from }: BlockQuery): Promise<BlockAnswer> {
  const temporary = openTemporaryFolder(root);
  try {
    const partial = await hashOpened(temporary, transferName(transfer), from);
    if (partial !== undefined) return { basis: "transfer", ...partial };
  } finally {
    temporary.close();
  }
  const parent = openIfThere(root, parentPath(path));
  try {
    const file = parent && (await hashOpened(parent, leafName(path), from));
    return file === undefined ? nothingToBuildOn : { basis: "file", ...file };
  } finally {
    parent?.close();
  }
}

export interface BasisCopy {
  /** Of the file that is built on, inside the folder. */
  readonly path: string;
  /** Where the copy is made. */
  readonly place: string;
  /** The file's state as hashBasis told it. */
  readonly state: Buffer;
  /** Throws FILE_NO_SPACE unless so many bytes fit. */
  readonly requireRoom: (bytes: number) => void;
}

/**
 * Copies the file that a transfer builds on, without its blocks where the file system can share them (reflink). Throws
 * FILE_NO_SPACE before a copy that does not fit; FILE_FAILED where only the holes, which a copy fills, are too much.
 */
export async function copyBasis(root: string, { path, place, state, requireRoom }: BasisCopy): Promise<void> {
  const parent = openInside(root, parentPath(path));
  try {
    const source = parent.place(leafName(path));
    const stat = requireState(parent, leafName(path), state);
    if (!(await isShared(source, place))) {
      requireRoomForCopy(stat, requireRoom);
      await fs.promises.copyFile(source, place);
    }
    // Whoever changed it meanwhile would leave a mixture that nobody sees.
    requireState(parent, leafName(path), state);
    await fs.promises.chmod(place, 0o600);
  } finally {
    parent.close();
  }
}

/** Whether the file system has made the copy of blocks that both files share, which takes no room. */
async function isShared(source: string, place: string): Promise<boolean> {
  try {
    await fs.promises.copyFile(source, place, fs.constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    // Most file systems cannot; whatever else was wrong the copy itself says.
    return false;
  }
}

function requireRoomForCopy(stat: fs.BigIntStats, requireRoom: (bytes: number) => void): void {
  requireRoom(Number(stat.blocks) * 512);
  try {
    requireRoom(Number(stat.size));
  } catch (cause) {
    // Sent whole it stays as sparse as it is.
    throw new AppError("FILE_FAILED", "A copy of it would fill its holes, and does not fit.", { cause });
  }
}

function requireState(parent: ConfinedFolder, leaf: string, state: Buffer): fs.BigIntStats {
  const stat = parent.look(leaf);
  if (stat?.isFile() === true && stateText(stat) === state.toString("hex")) return stat;
  throw new AppError("FILE_FAILED", `${JSON.stringify(leaf)} was changed on the target while it was compared.`);
}

async function hashOpened(
  folder: ConfinedFolder,
  name: string,
  from: number,
): Promise<Omit<BlockAnswer, "basis"> | undefined> {
  const descriptor = openIfFile(folder, name);
  if (descriptor === undefined) return undefined;
  try {
    const stat = fs.fstatSync(descriptor, { bigint: true });
    const hashes: Buffer[] = [];
    const buffer = Buffer.allocUnsafe(readBlocks * blockBytes);
    for (let block = from; block < from + blocksAtOnce; block += readBlocks) {
      const length = readOrNothing(descriptor, buffer, block * blockBytes);
      if (length === undefined) hashes.push(...hashOneByOne(descriptor, block, Number(stat.size)));
      else {
        for (let at = 0; at < length; at += blockBytes) {
          hashes.push(hashBlock(buffer.subarray(at, Math.min(length, at + blockBytes))));
        }
        if (length < buffer.length) break;
      }
      await nextTurn();
    }
    return { size: Number(stat.size), state: stateText(stat), hashes: Buffer.concat(hashes) };
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Undefined where the disk does not give it. */
function readOrNothing(descriptor: number, into: Buffer, from: number): number | undefined {
  try {
    return fs.readSync(descriptor, into, 0, into.length, from);
  } catch (error) {
    if (errorCode(error) === "EIO") return undefined;
    throw error;
  }
}

/** Of a stretch in which something cannot be read. `size`: of the file, in bytes. */
function hashOneByOne(descriptor: number, from: number, size: number): Buffer[] {
  const hashes: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(blockBytes);
  for (let block = from; block < from + readBlocks && block * blockBytes < size; block += 1) {
    const length = readOrNothing(descriptor, buffer, block * blockBytes);
    hashes.push(length === undefined ? unreadable : hashBlock(buffer.subarray(0, length)));
  }
  return hashes;
}

function openIfFile(folder: ConfinedFolder, name: string): number | undefined {
  try {
    const descriptor = fs.openSync(folder.place(name), readFlags);
    if (fs.fstatSync(descriptor).isFile()) return descriptor;
    fs.closeSync(descriptor);
  } catch (error) {
    // Nothing, a link, a FIFO, or a file that may not or cannot be read: there is nothing to build on.
    if (!["ENOENT", "ELOOP", "ENXIO", "EACCES", "EIO"].includes(errorCode(error) ?? "")) throw error;
  }
  return undefined;
}

function openIfThere(root: string, path: string): ConfinedFolder | undefined {
  try {
    return openInside(root, path);
  } catch (error) {
    if (["ENOENT", "FILE_PATH_REFUSED", "EACCES", "EIO"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}

function stateText(stat: fs.BigIntStats): string {
  return createHash("sha256")
    .update(`${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`)
    .digest("hex");
}
