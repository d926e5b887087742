import { constants } from "node:fs";
import { errorCode } from "../../shared/core/app-error.js";
import type { DeletedRecord } from "../core/deleted-record.js";
import { joinPath, leafName, parentPath } from "../core/file-entry.js";
import { deletedFolder } from "../core/file-path.js";
import { openInside } from "./confined-folder.js";
import { readDeletedRecords } from "./deleted-records-file.js";

/** A version that the first reverse synchronisation replaced on a server that came back, and that is held for a person. */
export interface KeptAside {
  /** Where it stood in the folder, by the name that it had on this server. */
  readonly path: string;
  /** Where it stands now, inside `.deleted` of the folder. */
  readonly keptAs: string;
  /** `deleted`: the new source has nothing there; `overwritten`: it has something else. */
  readonly reason: string;
  readonly kind: "file" | "link";
  readonly bytes: number;
  readonly deletedAtMs: number;
  /** When this version was written, by its own modification time. */
  readonly modifiedAtMs: number;
}

export interface KeptAsideQuery {
  /** Goes on behind this `keptAs`; from the beginning without it. */
  readonly after?: string;
  /** So many at most; never more than `keptAsideLimit`. */
  readonly limit?: number;
}

export interface KeptAsidePage {
  /** In the order of `keptAs`. */
  readonly files: readonly KeptAside[];
  /** How many are held in the folder, those that somebody took out of `.deleted` included. */
  readonly total: number;
  /** For the next page; undefined when this is the last one. */
  readonly after: string | undefined;
}

/** One page is one answer to a person or to the other server. */
export const keptAsideLimit = 1000;

/**
 * What is held of one folder (`root` is its path), page by page. Reads only. It is there until `releaseKeptAside` of the
 * folder gives it to the ordinary purge.
 */
export async function listKeptAside(
  root: string,
  { after = "", limit = keptAsideLimit }: KeptAsideQuery,
): Promise<KeptAsidePage> {
  const held = [...(await readDeletedRecords(root)).values()].filter(({ isHeld }) => isHeld === true);
  const rest = held.filter(({ path }) => path > after).sort((a, b) => (a.path < b.path ? -1 : 1));
  const page = rest.slice(0, Math.min(Math.max(1, limit), keptAsideLimit));
  return {
    files: page.map((record) => look(root, record)).filter((one) => one !== undefined),
    total: held.length,
    after: page.length < rest.length ? page.at(-1)?.path : undefined,
  };
}

function look(
  root: string,
  { path, of = path, stood = of, reason, deletedAtMs }: DeletedRecord,
): KeptAside | undefined {
  const inDeleted = joinPath(deletedFolder, path);
  try {
    const parent = openInside(root, parentPath(inDeleted));
    try {
      const stat = parent.glance(leafName(inDeleted));
      if (stat === undefined) return undefined;
      const kind = (stat.mode & constants.S_IFMT) === constants.S_IFLNK ? "link" : "file";
      return { path: stood, keptAs: path, reason, kind, bytes: stat.size, deletedAtMs, modifiedAtMs: stat.mtimeMs };
    } finally {
      parent.close();
    }
  } catch (error) {
    // Somebody took it out of `.deleted` with the folder around it.
    if (errorCode(error) === "ENOENT" || errorCode(error) === "FILE_PATH_REFUSED") return undefined;
    throw error;
  }
}
