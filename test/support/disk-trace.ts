/** One change of a disk that a process made, in its order. Of a file that was open: where it stands. */
export type DiskChange =
  | { readonly do: "write"; readonly path: string }
  | { readonly do: "sync"; readonly path: string }
  /** A name was made, or taken away, in a folder. */
  | { readonly do: "name"; readonly path: string }
  | { readonly do: "rename"; readonly from: string; readonly path: string };

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/**
 * What a loss of power at the worst moment could spoil, by the rules of fsync(2): a content that became visible by a rename before it was
 * synced, and names that were changed in a folder which was not synced afterwards. What is below `.sparesync` is nobody's file.
 */
export function findUnsynced(trace: readonly DiskChange[], root: string): string[] {
  const isSeen = (path: string): boolean =>
    (path === root || path.startsWith(`${root}/`)) && !path.startsWith(`${root}/.sparesync/`);
  const faults: string[] = [];
  const unsyncedContents = new Set<string>();
  const unsyncedFolders = new Set<string>();
  const noteName = (path: string): void => {
    if (isSeen(path)) unsyncedFolders.add(folderOf(path));
    // A folder that is removed takes with it what was not synced in it.
    unsyncedFolders.delete(path);
  };
  for (const change of trace) {
    if (change.do === "write") unsyncedContents.add(change.path);
    else if (change.do === "sync") {
      unsyncedContents.delete(change.path);
      unsyncedFolders.delete(change.path);
    } else if (change.do === "name") noteName(change.path);
    else {
      noteName(change.path);
      noteName(change.from);
      if (unsyncedContents.delete(change.from) && isSeen(change.path)) faults.push(`content of ${change.path}`);
    }
  }
  return [...faults, ...[...unsyncedFolders].map((folder) => `names in ${folder}`)];
}
