import type { PlannedOperation } from "../core/file-diff.js";
import type { FileEntry } from "../core/file-entry.js";
import { Newcomers, type Moment } from "./newcomers.js";
import type { PassPorts } from "./pass.js";
import { scanPaths, type FileProblem } from "./scanner.js";
import type { Sender } from "./sender.js";
import type { TreeScan } from "./tree-scan.js";

export interface NewcomerPorts extends PassPorts {
  readonly sender: Sender;
  /** Folders whose attributes are set when all else is done. */
  readonly touched: Map<string, FileEntry>;
}

export interface Brought {
  /** Whether something stands there now, or may: what the scan found to be gone there is not. */
  readonly isBack: (path: string) => boolean;
  /** Something could not be brought: whatever seems to be gone may be that. */
  readonly isUndecided: boolean;
  /** What of them could not be looked at; what could not be sent is known to the sender. */
  readonly problems: readonly FileProblem[];
}

/** In a tree that changes all the time something is moved at every look. */
const looks = 3;

/**
 * Sends what came into folders that the scan had looked at before, so that what was moved there is on the target before it goes
 * from where it stood. To be called when all else is sent, and before the first removal.
 */
export async function bringNewcomers(
  { root, began }: Pick<TreeScan, "root"> & { readonly began: Moment },
  ports: NewcomerPorts,
): Promise<Brought> {
  const { sender } = ports;
  const before = (await sender.finish()).problems.length;
  const newcomers = new Newcomers(root, began, ports);
  const problems: FileProblem[] = [];
  for (let look = 1; look <= looks && !newcomers.isTooMuch; look += 1) {
    const paths = await newcomers.look();
    if (paths.length === 0) break;
    problems.push(...(await send(paths, newcomers, ports)));
  }
  problems.push(...newcomers.problems);
  const unsent = (await sender.finish()).problems.slice(before);
  // What is no longer there is found where it went to; what cannot be copied by its nature was no copy before.
  const isUndecided = newcomers.isTooMuch || [...problems, ...unsent].some(({ kind }) => kind === "failed");
  return { isBack: (path) => newcomers.has(path), isUndecided, problems };
}

/** Gives what cannot be looked at, or not be copied. */
async function send(
  paths: readonly string[],
  newcomers: Newcomers,
  { root, rules, signal, sender, touched }: NewcomerPorts,
): Promise<FileProblem[]> {
  const found: FileProblem[] = [];
  for await (const { entries, problems } of scanPaths(root, paths, rules)) {
    signal.throwIfAborted();
    found.push(...problems);
    for (const entry of entries) {
      if (entry.kind === "folder") touched.set(entry.path, entry);
      const operation = newcomers.has(entry.path) ? operationFor(entry) : undefined;
      if (operation !== undefined) await sender.add(operation);
    }
  }
  await sender.finish();
  return found;
}

function operationFor(entry: FileEntry): PlannedOperation | undefined {
  switch (entry.kind) {
    case "file":
      return { do: "put-file", entry };
    case "link":
      return { do: "put-link", entry };
    case "folder":
      return { do: "make-folder", entry };
    case "other":
      return undefined;
  }
}
