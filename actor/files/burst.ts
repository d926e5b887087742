import { lstatSync } from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { errorCode } from "../../shared/core/app-error.js";
import { isLargelyReplaced } from "../core/file-safety.js";
import type { FolderStore } from "./folder-store.js";

export interface Burst {
  /** What the next pass takes, and what waits behind it; relative to the root. */
  readonly due: Iterable<string>;
  readonly waiting: Iterable<string>;
  readonly root: string;
  readonly store: FolderStore;
  readonly filesOnTarget: number;
}

/** A look is a few microseconds; after so many whatever else waits has its turn. */
const sliceLooks = 500;

/**
 * Whether of all that was noticed at once so many known files are gone that it may be another folder. One pass takes a part of it
 * only: each part by itself would be no doubt.
 */
export async function isBurstDoubtful({ due, waiting, root, store, filesOnTarget }: Burst): Promise<boolean> {
  const paths = [...due, ...waiting];
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
