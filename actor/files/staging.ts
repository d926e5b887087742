import { createHash } from "node:crypto";
import { constants, symlinkSync, lutimesSync } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";
import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { RandomPort } from "../../shared/core/clock-port.js";
import type { WireOperation } from "../core/file-wire.js";
import { seconds } from "./apply-operation.js";
import type { ConfinedFolder } from "./confined-folder.js";

/** So many files are written and made durable at once: one by one it is four times slower (measured). */
const parallelFiles = 16;
const readBytes = 1024 * 1024;

/** What became of an operation's content: the name of a whole and durable temporary file, or why there is none. */
export type Staged = { readonly name?: string; readonly error?: unknown };

/**
 * Writes the contents of a batch to temporary files, checks each against its hash and makes it durable with its mode and
 * times, so that only a rename is left to do. Rejects only with FILE_NO_SPACE, which ends the batch.
 */
export async function stageContents(
  operations: readonly WireOperation[],
  contents: readonly Buffer[],
  temporary: ConfinedFolder,
  random: RandomPort,
): Promise<Staged[]> {
  const staged: Staged[] = operations.map(() => ({}));
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < operations.length; index = next++) {
      const operation = operations[index];
      if (operation === undefined) continue;
      try {
        const name = await stage(operation, contents[index] ?? Buffer.alloc(0), temporary, random);
        if (name !== undefined) staged[index] = { name };
      } catch (error) {
        requireRoom(error);
        staged[index] = { error };
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: parallelFiles }, work));
  for (const worker of workers) {
    if (worker.status === "fulfilled") continue;
    // Whoever gets no names cannot clean up, and a full disk needs it.
    for (const { name } of staged) if (name !== undefined) await rm(temporary.place(name), { force: true });
    throw worker.reason;
  }
  return staged;
}

/** Throws FILE_NO_SPACE when an error means that the disk is full. */
export function requireRoom(error: unknown): void {
  if (errorCode(error) !== "ENOSPC" && errorCode(error) !== "EDQUOT") return;
  const hint = "Free space on the target; the synchronisation goes on by itself.";
  throw new AppError("FILE_NO_SPACE", "The target's disk is full.", { cause: error, hint });
}

async function stage(
  operation: WireOperation,
  content: Buffer,
  temporary: ConfinedFolder,
  random: RandomPort,
): Promise<string | undefined> {
  switch (operation.do) {
    case "put-file":
      return stageWhole(operation, content, temporary, random.id());
    case "put-segment":
      await writeSegment(operation, content, temporary.place(transferName(operation.transfer)));
      return undefined;
    case "finish-file":
      return finishTransfer(operation, temporary);
    case "drop-transfer":
      await rm(temporary.place(transferName(operation.transfer)), { force: true });
      return undefined;
    case "put-link": {
      const name = random.id();
      symlinkSync(operation.linkTarget, temporary.place(name));
      lutimesSync(temporary.place(name), seconds(operation.mtimeNs), seconds(operation.mtimeNs));
      return name;
    }
    case "remove":
    case "make-folder":
    case "set-attributes":
      return undefined;
  }
}

async function stageWhole(
  operation: Extract<WireOperation, { do: "put-file" }>,
  content: Buffer,
  temporary: ConfinedFolder,
  name: string,
): Promise<string> {
  requireContent(operation, content.length, createHash("sha256").update(content).digest("hex"));
  const handle = await open(temporary.place(name), "wx", 0o600);
  try {
    await handle.writeFile(content);
    await finish(handle, operation);
  } catch (error) {
    await rm(temporary.place(name), { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return name;
}

async function writeSegment(
  operation: Extract<WireOperation, { do: "put-segment" }>,
  content: Buffer,
  place: string,
): Promise<void> {
  const handle = await open(place, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    const { size } = await handle.stat();
    // A hole would be filled with zeros and found only by the hash at the end.
    if (size < operation.offset) throw new AppError("FILE_FAILED", `A piece before ${operation.offset} is missing.`);
    await handle.write(content, 0, content.length, operation.offset);
  } finally {
    await handle.close();
  }
}

async function finishTransfer(
  operation: Extract<WireOperation, { do: "finish-file" }>,
  temporary: ConfinedFolder,
): Promise<string> {
  const name = transferName(operation.transfer);
  const handle = await open(temporary.place(name), constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    // Read again rather than hashed on the way: it holds after a restart between two pieces, too.
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(readBytes);
    let size = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, readBytes, size);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    requireContent(operation, size, hash.digest("hex"));
    await finish(handle, operation);
  } finally {
    await handle.close();
  }
  return name;
}

function requireContent(wanted: { readonly size: number; readonly sha256: string }, size: number, hash: string): void {
  if (wanted.size === size && wanted.sha256 === hash) return;
  throw new AppError("FILE_FAILED", `What was received (${size} bytes) is not what was sent (${wanted.size} bytes).`);
}

async function finish(handle: FileHandle, operation: { mode: number; mtimeNs: string }): Promise<void> {
  await handle.chmod(operation.mode);
  await handle.utimes(seconds(operation.mtimeNs), seconds(operation.mtimeNs));
  await handle.sync();
}

function transferName(transfer: string): string {
  return `transfer-${transfer}`;
}
