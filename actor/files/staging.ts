import * as fs from "node:fs";
import { crc32 } from "node:zlib";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { RandomPort } from "../../shared/core/clock-port.js";
import type { WireAttributes, WireOperation } from "../core/file-operation.js";
import { copyBasis } from "./block-hashes.js";
import type { ConfinedFolder } from "./confined-folder.js";
import { transferName } from "./own-folder.js";
import { writeExtendedOpen } from "./extended-attributes.js";
import { isModeOfFresh, isOwnerOfFresh, lookAtFreshFile, makeFlags, type FreshFile } from "./fresh-file.js";
import { giveAttributes, tryOwner } from "./give-attributes.js";
import { setModificationTime, setModificationTimeOpen } from "./set-times.js";
import { syncDescriptor } from "./sync-descriptor.js";

/** Files are written and made durable in groups: one by one it is four times slower (measured). */
const groupFiles = 64;
/** Groups whose data are on their way to the disk while the next one is written; each holds its files open. */
const groupsUnderWay = 2;
/** As many as libuv has threads; more only wait in its queue. */
const parallelSyncs = 4;

/** For fewer files it does not pay to look at what a new one has. */
const worthALook = 8;

/** Of more than 512 KiB at once Linux keeps in its cache in stretches so large that getting them takes six times as long (measured). */
const writeBytes = 256 * 1024;

const nothing = Buffer.alloc(0);

/** What became of an operation's content: the name of a whole temporary file, or why there is none. */
export interface Staged {
  readonly name?: string;
  /** The file has no extended attributes: none were given to it, and a new one has none. */
  readonly isPlain?: boolean;
  readonly error?: unknown;
  /** Attributes that could not be set, for people. */
  readonly unset?: readonly string[];
}

export interface StagingPorts {
  readonly root: string;
  readonly temporary: ConfinedFolder;
  readonly random: RandomPort;
  /** Transfers of this pass that have nothing to build on, with the reason: collected here, and nothing of them is published. */
  readonly broken: Map<string, string>;
  /** Contents are on the disk itself before they are published. */
  readonly isDurable: boolean;
  /** Throws FILE_NO_SPACE unless so many bytes fit. */
  readonly requireRoom: (bytes: number) => void;
}

interface OpenFile {
  readonly index: number;
  readonly descriptor: number;
}

/**
 * Writes the contents of a batch to temporary files, checks each against its checksum and makes it durable with its mode and
 * times, so that only a rename is left to do. Pieces of large files go to their transfer's file. Rejects only when the disk is
 * full or cannot be written, which ends the batch; then nothing is left behind.
 */
export async function stageContents(
  operations: readonly WireOperation[],
  contents: readonly Buffer[],
  ports: StagingPorts,
): Promise<Staged[]> {
  const staged: Staged[] = operations.map(() => ({}));
  const batch = ports.random.id();
  const fresh = freshFileFor(operations, ports.temporary, `${batch}-fresh`);
  const underWay: Promise<void>[] = [];
  let group: OpenFile[] = [];
  try {
    for (const [index, operation] of operations.entries()) {
      try {
        const content = contents[index] ?? nothing;
        if (operation.do === "begin-transfer") await beginTransfer(operation, ports);
        requireWhole(operation, ports);
        if (operation.do === "put-segment") await writeSegment(operation, content, ports);
        const one = stage(operation, content, { ...ports, fresh }, `${batch}-${index}`);
        if (one === undefined) continue;
        staged[index] = { name: one.name, isPlain: one.isPlain, unset: one.unset };
        if (one.descriptor === undefined) continue;
        if (ports.isDurable) group.push({ index, descriptor: one.descriptor });
        else fs.closeSync(one.descriptor);
      } catch (error) {
        requireUsableDisk(error);
        if (operation.do === "begin-transfer") ports.broken.set(operation.transfer, errorMessage(error));
        staged[index] = { error };
      }
      if (group.length < groupFiles) continue;
      underWay.push(finishGroup(group, staged));
      group = [];
      if (underWay.length >= groupsUnderWay) await underWay.shift();
    }
    underWay.push(finishGroup(group, staged));
    group = [];
    await Promise.all(underWay);
    return staged;
  } catch (error) {
    for (const { descriptor } of group) fs.closeSync(descriptor);
    await Promise.allSettled(underWay);
    // Whoever gets no names cannot clean up, and a full disk needs it.
    removeStaged(staged, ports.temporary);
    throw error;
  }
}

/** Throws for what builds on a copy that could not be made: its blocks would be missing. */
export function requireWhole(operation: WireOperation, { broken }: Pick<StagingPorts, "broken">): void {
  if (operation.do !== "put-segment" && operation.do !== "finish-file") return;
  const because = broken.get(operation.transfer);
  if (because !== undefined) throw new AppError("FILE_FAILED", because);
}

export function removeStaged(staged: readonly Staged[], temporary: ConfinedFolder): void {
  for (const { name } of staged) if (name !== undefined) fs.rmSync(temporary.place(name), { force: true });
}

/** Throws what diskFailure says, and what was refused before it could come to that. */
export function requireUsableDisk(error: unknown): void {
  if (errorCode(error) === "FILE_NO_SPACE") throw error;
  const failure = diskFailure(error);
  if (failure !== undefined) throw failure;
}

/**
 * What a system's error says of the target's disk as a whole, so that no other file can be written either: FILE_NO_SPACE for a full one,
 * FILE_FAILED for one that can only be read (as Linux makes it itself when a disk fails: ext4(5), errors=remount-ro).
 */
export function diskFailure(error: unknown): AppError | undefined {
  const code = errorCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    const hint = "Free space on the target; the synchronisation goes on by itself.";
    return new AppError("FILE_NO_SPACE", "The target's disk is full.", { cause: error, hint });
  }
  if (code !== "EROFS") return undefined;
  const hint = "Look into the target's system log for errors of the disk; the synchronisation goes on by itself.";
  return new AppError("FILE_FAILED", "The target's disk can only be read.", { cause: error, hint });
}

/**
 * Gives an open file its attributes. Returns which could not be set, for people: no content stays behind for them. `fresh`: it was
 * made with its mode where that is possible, and has what every new one has.
 */
export function setAttributes(
  descriptor: number,
  place: string,
  attributes: WireAttributes,
  fresh?: FreshFile,
): readonly string[] {
  return giveAttributes(attributes, {
    setOwner: (uid, gid) => {
      if (!isOwnerOfFresh(fresh, attributes)) fs.fchownSync(descriptor, uid, gid);
    },
    setMode: (mode) => {
      if (!isModeOfFresh(fresh, attributes)) fs.fchmodSync(descriptor, mode);
    },
    // It is new and has none.
    setExtended: (extended, isOwnerKept) =>
      extended === "" ? [] : writeExtendedOpen(descriptor, place, extended, isOwnerKept),
    setTime: (mtimeNs) => {
      setModificationTimeOpen(descriptor, place, mtimeNs);
    },
  });
}

/** The same of a link, which has an owner and a time alone. */
export function setLinkAttributes(place: string, { uid, gid, mtimeNs }: WireAttributes): readonly string[] {
  const setOwner = (ownUid: number, ownGid: number): void => {
    fs.lchownSync(place, ownUid, ownGid);
  };
  const noOwner = uid === undefined || gid === undefined ? undefined : tryOwner(uid, gid, { setOwner });
  setModificationTime(place, mtimeNs);
  return noOwner === undefined ? [] : [noOwner];
}

/** Undefined where it cannot be told, or is not worth it. Throws what diskFailure says. */
function freshFileFor(
  operations: readonly WireOperation[],
  temporary: ConfinedFolder,
  name: string,
): FreshFile | undefined {
  if (operations.filter((operation) => operation.do === "put-file").length < worthALook) return undefined;
  try {
    return lookAtFreshFile(temporary, name);
  } catch (error) {
    requireUsableDisk(error);
    return undefined;
  }
}

interface Stage {
  readonly temporary: ConfinedFolder;
  readonly fresh: FreshFile | undefined;
}

interface StagedFile {
  readonly name: string;
  readonly isPlain: boolean;
  readonly unset: readonly string[];
  /** Still to be closed. */
  readonly descriptor?: number;
}

function stage(
  operation: WireOperation,
  content: Buffer,
  { temporary, fresh }: Stage,
  name: string,
): StagedFile | undefined {
  switch (operation.do) {
    case "put-file":
      return stageWhole(operation, content, { temporary, fresh }, name);
    case "drop-transfer":
      fs.rmSync(temporary.place(transferName(operation.transfer)), { force: true });
      return undefined;
    case "put-link": {
      const place = temporary.place(name);
      fs.symlinkSync(operation.linkTarget, place);
      return { name, isPlain: false, unset: setLinkAttributes(place, operation) };
    }
    case "begin-transfer":
    case "put-segment":
    case "finish-file":
    case "remove":
    case "make-folder":
    case "set-attributes":
    case "move":
      return undefined;
  }
}

async function beginTransfer(
  { path, transfer, state }: Extract<WireOperation, { do: "begin-transfer" }>,
  { root, temporary, requireRoom }: StagingPorts,
): Promise<void> {
  const place = temporary.place(transferName(transfer));
  try {
    await copyBasis(root, { path, place, state: Buffer.from(state, "hex"), requireRoom });
  } catch (error) {
    fs.rmSync(place, { force: true });
    throw error;
  }
}

function stageWhole(
  operation: Extract<WireOperation, { do: "put-file" }>,
  content: Buffer,
  { temporary, fresh }: Stage,
  name: string,
): StagedFile {
  if (crc32(content) !== operation.crc32) {
    throw new AppError("FILE_FAILED", `What was received (${content.length} bytes) is not what was sent.`);
  }
  const place = temporary.place(name);
  const descriptor = temporary.openFile(name, makeFlags, isModeOfFresh(fresh, operation) ? operation.mode : 0o600);
  try {
    writeAll(descriptor, content, 0);
    const unset = setAttributes(descriptor, place, operation, fresh);
    return { name, isPlain: fresh !== undefined && (operation.extended ?? "") === "", descriptor, unset };
  } catch (error) {
    fs.closeSync(descriptor);
    fs.rmSync(place, { force: true });
    throw error;
  }
}

/** By the threads of libuv: meanwhile the next piece is taken off the wire. */
async function writeSegment(
  { transfer, offset }: Extract<WireOperation, { do: "put-segment" }>,
  content: Buffer,
  { temporary }: StagingPorts,
): Promise<void> {
  const flags = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW;
  const descriptor = fs.openSync(temporary.place(transferName(transfer)), flags, 0o600);
  try {
    for (let done = 0; done < content.length;) {
      done += await writeOnce(descriptor, content.subarray(done, done + writeBytes), offset + done);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function writeOnce(descriptor: number, content: Buffer, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(descriptor, content, 0, content.length, offset, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function writeAll(descriptor: number, content: Buffer, offset: number): void {
  for (let done = 0; done < content.length;) {
    done += fs.writeSync(descriptor, content, done, Math.min(content.length - done, writeBytes), offset + done);
  }
}

/** Makes the files durable and closes them. A file for which it fails has its error in `staged` afterwards. */
async function finishGroup(group: readonly OpenFile[], staged: Staged[]): Promise<void> {
  let next = 0;
  let end: AppError | undefined;
  const work = async (): Promise<void> => {
    for (let one = group[next++]; one !== undefined; one = group[next++]) {
      try {
        await syncDescriptor(one.descriptor);
      } catch (error) {
        end ??= diskFailure(error);
        staged[one.index] = { ...staged[one.index], error };
      } finally {
        fs.closeSync(one.descriptor);
      }
    }
  };
  await Promise.all(Array.from({ length: parallelSyncs }, work));
  if (end !== undefined) throw end;
}
