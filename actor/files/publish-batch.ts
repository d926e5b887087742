import * as fs from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { WireOperation } from "../core/file-operation.js";
import type { ApplyAnswer } from "../core/file-wire.js";
import { applyOperation, type ApplyContext } from "./apply-operation.js";
import type { ConfinedFolder } from "./confined-folder.js";
import type { FolderStore } from "./folder-store.js";
import { OpenParents } from "./open-parents.js";
import { openTemporaryFolder, transferName } from "./own-folder.js";
import { requireUsableDisk, setAttributes, type Staged } from "./staging.js";
import { syncDescriptor } from "./sync-descriptor.js";
import type { Trash } from "./trash.js";
import type { UnsyncedFolders } from "./unsynced-folders.js";

export interface PublishPorts {
  readonly root: string;
  readonly trash: Trash;
  readonly store: FolderStore;
  /** Collects the folders whose names are changed; they are durable when the batch is acknowledged. */
  readonly touched: UnsyncedFolders;
  readonly isDurable: boolean;
  readonly isNameBlind: boolean;
  /** Told of each move that was done. */
  readonly onMoved?: (from: string, to: string) => void;
  /** Throws when batches of this epoch and pass are no longer taken. */
  readonly requireAccepted: () => void;
}

/** One operation takes about a tenth of a millisecond; after so many whatever else waits has its turn. */
const sliceOperations = 64;
const nothing: readonly string[] = [];

/** Puts staged contents in place and does the other operations, in order; what does not fail is durable when it resolves. */
export async function publishBatch(
  operations: readonly WireOperation[],
  staged: readonly Staged[],
  ports: PublishPorts,
): Promise<ApplyAnswer> {
  const { root, isDurable, touched } = ports;
  const temporary = openTemporaryFolder(root);
  const parents = new OpenParents(root, ports.isNameBlind);
  // The root's own names change when .deleted is made.
  const context: ApplyContext = { ...ports, temporary, parents };
  touched.add("");
  try {
    const answer = await publishAll(operations, staged, context, isDurable);
    parents.forget();
    await ports.trash.flush();
    if (isDurable) await touched.sync();
    await ports.store.flush();
    return answer;
  } finally {
    if (!isDurable) touched.forget();
    parents.forget();
    temporary.close();
  }
}

async function publishAll(
  operations: readonly WireOperation[],
  staged: readonly Staged[],
  context: ApplyContext,
  isDurable: boolean,
): Promise<ApplyAnswer> {
  const failures: ApplyAnswer["failures"] = [];
  const unset: ApplyAnswer["unset"] = [];
  for (const [index, operation] of operations.entries()) {
    if (index % sliceOperations === sliceOperations - 1) {
      context.parents.forget();
      await nextTurn();
    }
    try {
      const later = publish(operation, staged[index] ?? {}, context, isDurable);
      const left = later instanceof Promise ? await later : later;
      if (left.length > 0) unset.push({ index, because: left.join(" ") });
    } catch (error) {
      // The end of the pass, of the epoch or of the disk's room ends the batch, and so does a missing piece of a file that
      // a later batch would put in place; anything else is the matter of one file.
      if (isEnd(error) || operation.do === "put-segment") throw error;
      requireUsableDisk(error);
      failures.push({ index, because: errorMessage(error) });
    }
  }
  return { failures, unset };
}

/**
 * Returns which attributes could not be set, for people. Waits only for what has to reach the disk first, so that a row of
 * small operations is one synchronous stretch.
 */
function publish(
  operation: WireOperation,
  staged: Staged,
  context: ApplyContext,
  isDurable: boolean,
): readonly string[] | Promise<readonly string[]> {
  if (staged.error !== undefined) {
    throw new AppError("FILE_FAILED", errorMessage(staged.error), { cause: staged.error });
  }
  switch (operation.do) {
    case "put-segment":
    case "drop-transfer":
    case "begin-transfer":
      return nothing;
    case "finish-file":
      context.parents.forget();
      return finishTransfer(operation, context.temporary, isDurable).then(({ name, unset }) => [
        ...unset,
        ...applyOperation(operation, { name }, context),
      ]);
    case "put-file":
    case "put-link":
    case "remove":
    case "make-folder":
    case "set-attributes":
    case "move":
      return joined(staged.unset, applyOperation(operation, staged, context));
  }
}

/** Hardly ever is there anything in them. */
function joined(a: readonly string[] = nothing, b: readonly string[]): readonly string[] {
  return a.length === 0 ? b : [...a, ...b];
}

/**
 * The pieces came in batches before this one, which were published before it. Where none came the file is as it was copied,
 * or a hole.
 */
async function finishTransfer(
  operation: Extract<WireOperation, { do: "finish-file" }>,
  temporary: ConfinedFolder,
  isDurable: boolean,
): Promise<{ readonly name: string; readonly unset: readonly string[] }> {
  const name = transferName(operation.transfer);
  const flags = fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW;
  const place = temporary.place(name);
  const descriptor = fs.openSync(place, flags, 0o600);
  try {
    fs.ftruncateSync(descriptor, operation.size);
    const unset = setAttributes(descriptor, place, operation);
    if (isDurable) await syncDescriptor(descriptor);
    return { name, unset };
  } catch (error) {
    // After a failed fsync Linux takes for written what is not on the disk (fsync(2)): nothing may be built on these pieces.
    fs.rmSync(place, { force: true });
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

function isEnd(error: unknown): boolean {
  const code = errorCode(error);
  return code === "EPOCH_TOO_OLD" || code === "NOT_ALLOWED" || code === "REQUEST_INVALID";
}
