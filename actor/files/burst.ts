import { lstatSync } from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { errorCode } from "../../shared/core/app-error.js";
import { isLargelyReplaced } from "../core/file-safety.js";
import type { DirtySet } from "./dirty-set.js";
import type { FolderStore } from "./folder-store.js";
import type { PassMemory } from "./pass.js";

export interface BurstPorts {
  readonly root: string;
  readonly store: FolderStore;
  /** What waits behind the next pass. */
  readonly dirty: DirtySet;
  readonly memory: PassMemory;
}

/** A look is a few microseconds; after so many whatever else waits has its turn. */
const sliceLooks = 500;

/**
 * Whether of all that was noticed at once so many known files are gone that it may be another folder. One pass takes a part of it
 * only: each part by itself would be no doubt.
 */
export async function isBurstDoubtful(due: ReadonlyMap<string, unknown>, ports: BurstPorts): Promise<boolean> {
  const { root, store, dirty, memory } = ports;
  // With nothing waiting behind it the pass sees all that there is to see.
  if (dirty.size === 0) return false;
  const filesOnTarget = Math.max(memory.filesAtAnalysis, memory.filesNow);
  const paths = [...due.keys(), ...dirty.paths()];
  if (!isLargelyReplaced({ filesReplaced: paths.length, filesOnTarget })) return false;
  let filesReplaced = 0;
  for (const [index, one] of paths.entries()) {
    if (index % sliceLooks === sliceLooks - 1) await nextTurn();
    const kind = store.find(one)?.state.kind;
    if ((kind === "file" || kind === "link") && isGone(path.join(root, one))) filesReplaced += 1;
  }
  return isLargelyReplaced({ filesReplaced, filesOnTarget });
}

function isGone(place: string): boolean {
  try {
    lstatSync(place);
    return false;
  } catch (error) {
    return errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR";
  }
}
