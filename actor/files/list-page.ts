import { pageEntries, type ListedEntry, type ListPage, type ListQuery } from "../core/file-wire.js";
import { findUnrepresentable, type PathSystem } from "../core/file-path.js";
import { isSameState } from "../core/folder-record.js";
import type { FolderRules } from "../core/folder-rules.js";
import type { FolderStore } from "./folder-store.js";
import { scanPaths, type FileProblem, type ScannedEntry } from "./scanner.js";

/** Paths of a page are limited in bytes too: 2000 long ones would be a large message. */
const pagePathBytes = 1024 * 1024;
const problemLimit = 100;

/** What stands at and below some paths of a target now, with what is known of its content. */
export async function listPage(
  root: string,
  rules: FolderRules,
  store: FolderStore,
  { paths, after, system }: ListQuery & { readonly system: PathSystem },
): Promise<ListPage> {
  const entries: ListedEntry[] = [];
  // Nothing can stand under such a name, and the disk is not asked about it: it may be that of a device.
  const faults = paths.flatMap((path) => findUnrepresentable(path, system) ?? []);
  const problems: FileProblem[] = faults.map((fault) => ({ ...fault, kind: "skipped" }));
  const wanted = faults.length === 0 ? paths : paths.filter((path) => findUnrepresentable(path, system) === undefined);
  let pathBytes = 0;
  let isLast = true;
  for await (const slice of scanPaths(root, wanted, rules, { after })) {
    for (const entry of slice.entries) {
      entries.push(listed(entry, store));
      pathBytes += entry.path.length + (entry.linkTarget?.length ?? 0);
    }
    problems.push(...slice.problems);
    if (entries.length < pageEntries && pathBytes < pagePathBytes) continue;
    isLast = false;
    break;
  }
  return {
    entries,
    problems: problems.slice(0, problemLimit).map(({ path, because }) => ({ path, because })),
    isLast,
  };
}

function listed(entry: ScannedEntry, store: FolderStore): ListedEntry {
  if (entry.kind !== "file") return entry;
  const found = store.find(entry.path);
  // Nothing is remembered: size and time are all there is.
  if (found === undefined) return entry;
  if (!isSameState(found.state, entry)) return { ...entry, isDoubtful: true };
  const { contentHash, isDoubtful } = found.known;
  return { ...entry, isDoubtful, ...(contentHash === undefined ? {} : { contentHash: contentHash.toString("hex") }) };
}
