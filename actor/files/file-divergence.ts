import { existsSync } from "node:fs";
import path from "node:path";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import { divergenceFile, type DivergenceView, type FileDivergence } from "../core/divergence.js";
import { joinPath } from "../core/file-entry.js";
import { deletedFolder } from "../core/file-path.js";
import type { Link } from "../link/link.js";
import { writeChangedSince } from "./changed-since.js";
import type { KeptAside, KeptAsidePage, KeptAsideQuery } from "./kept-aside.js";

export interface ReturnedFolders {
  readonly folders: readonly FolderSettings[];
  readonly stateDirectory: string;
  readonly link: Link;
  /** Under which this server is the source now. */
  readonly epoch: number;
  /** Up to when a folder here held everything of the former source; 0 for never. */
  readonly completeBefore: (folder: string) => number;
}

/** See SyncPart.compareReturned. */
export async function compareReturnedFolders(returned: ReturnedFolders, signal: AbortSignal): Promise<void> {
  const { folders, stateDirectory, link, epoch } = returned;
  for (const folder of folders) {
    const sinceMs = returned.completeBefore(folder.name);
    // It never held everything, so that whatever stands there could be named.
    if (sinceMs === 0) continue;
    const which = { kind: "folder", name: folder.name, id: String(epoch), form: "found" } as const;
    const report = divergenceFile(stateDirectory, which);
    if (!existsSync(report)) await writeChangedSince(folder, sinceMs, { link, report }, signal);
  }
}

export interface ReplacedQuery {
  readonly list: (folder: string, query: KeptAsideQuery) => Promise<KeptAsidePage>;
  readonly limit: number;
  readonly nowMs: number;
}

/** See SyncPart.listReplaced. */
export async function viewReplaced(
  folders: readonly FolderSettings[],
  { list, limit, nowMs }: ReplacedQuery,
): Promise<readonly Omit<DivergenceView, "server">[]> {
  const views: Omit<DivergenceView, "server">[] = [];
  for (const { name, path: root } of folders) {
    const { files, total } = await list(name, { limit: Math.max(1, limit) });
    if (total === 0) continue;
    const atMs = Math.min(...files.map(({ deletedAtMs }) => deletedAtMs), nowMs);
    const file = path.join(root, deletedFolder);
    const examples = files.slice(0, limit).map(toEntry);
    const which = { kind: "folder", name, form: "replaced", id: "", file } as const;
    views.push({ ...which, atMs, entries: total, isAcknowledged: false, examples });
  }
  return views;
}

function toEntry({ path: place, keptAs, reason, bytes, modifiedAtMs }: KeptAside): FileDivergence {
  return { path: place, state: reason, bytes, modifiedAtMs, keptAt: joinPath(deletedFolder, keptAs) };
}
