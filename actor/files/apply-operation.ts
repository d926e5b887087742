import * as fs from "node:fs";
import { AppError, errorCode } from "../../shared/core/app-error.js";
import { leafName, parentPath } from "../core/file-entry.js";
import { checkFilePath, checkLinkTarget } from "../core/file-path.js";
import type { WireOperation } from "../core/file-wire.js";
import { openInside, type ConfinedFolder } from "./confined-folder.js";
import { pathSystem } from "./scanner.js";
import type { Trash } from "./trash.js";

/** Operations that change the folder itself; the others only fill temporary files. */
export type FolderOperation = Exclude<WireOperation, { do: "put-segment" | "drop-transfer" }>;

export interface ApplyContext {
  readonly root: string;
  readonly trash: Trash;
  /** Where staged files lie. */
  readonly temporary: ConfinedFolder;
  /** Throws when batches of this epoch are no longer taken. */
  readonly requireAccepted: () => void;
  /** Collects the folders whose names were changed, to be made durable before the acknowledgement. */
  readonly touched: Set<string>;
}

/** Throws FILE_PATH_REFUSED for what may not come over the link. Before any access to the disk. */
export function requireAllowedPath(operation: WireOperation): void {
  if (!("path" in operation)) return;
  // The root itself is only ever given attributes.
  if (operation.path === "" && operation.do === "set-attributes" && operation.kind === "folder") return;
  const verdict = checkFilePath(operation.path, pathSystem);
  const refusal = verdict.isAllowed && operation.do === "put-link" ? checkLinkTarget(operation.linkTarget) : verdict;
  if (!refusal.isAllowed) {
    throw new AppError(
      "FILE_PATH_REFUSED",
      `The path ${JSON.stringify(operation.path)} is refused: ${refusal.because}.`,
    );
  }
}

/**
 * Does one operation. Synchronous on purpose: between the check of the epoch and the effect nothing else of this process
 * can run, so no batch of an old epoch takes effect after the epoch was raised. Doing it twice does no harm.
 */
export function applyOperation(operation: FolderOperation, staged: string | undefined, context: ApplyContext): void {
  context.requireAccepted();
  if (operation.path === "") {
    setRootAttributes(operation, context.root);
    return;
  }
  const parent = openParent(operation, context.root);
  if (parent === undefined) return;
  try {
    allowWriting(parent);
    applyIn(parent, operation, staged, context);
  } finally {
    parent.close();
  }
}

function applyIn(
  parent: ConfinedFolder,
  operation: FolderOperation,
  staged: string | undefined,
  context: ApplyContext,
): void {
  const leaf = leafName(operation.path);
  const there = parent.look(leaf);
  if (operation.do !== "set-attributes") context.touched.add(parentPath(operation.path));
  switch (operation.do) {
    case "remove":
      if (there === undefined) return;
      if (there.isDirectory()) fs.rmdirSync(parent.place(leaf));
      else context.trash.keep(parent, operation.path, "deleted");
      return;
    case "make-folder":
      if (there?.isDirectory() === true) return;
      if (there !== undefined) throw inTheWay(operation.path, "a file");
      // Its own mode comes at the very end: it may not allow what still has to be put in.
      fs.mkdirSync(parent.place(leaf), { mode: 0o700 });
      return;
    case "put-file":
    case "finish-file":
    case "put-link":
      if (staged === undefined) throw new AppError("FILE_FAILED", "Its content was not received.");
      if (there?.isDirectory() === true) throw inTheWay(operation.path, "a folder");
      if (there !== undefined) context.trash.keep(parent, operation.path, "overwritten");
      fs.renameSync(context.temporary.place(staged), parent.place(leaf));
      return;
    case "set-attributes":
      if (operation.kind !== "link") {
        parent.setAttributes(leaf, operation.kind, operation.mode, seconds(operation.mtimeNs));
      } else if (there?.isSymbolicLink() === true) {
        fs.lutimesSync(parent.place(leaf), seconds(operation.mtimeNs), seconds(operation.mtimeNs));
      }
  }
}

/** As near as a double comes; see isSameTime. */
export function seconds(nanoseconds: string): number {
  return Number(nanoseconds) / 1e9;
}

/** Undefined: what should be removed stands in a folder that is gone as well. */
function openParent(operation: FolderOperation, root: string): ConfinedFolder | undefined {
  try {
    return openInside(root, parentPath(operation.path));
  } catch (error) {
    if (operation.do === "remove" && errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A folder that its owner may not write in (0555) gets its own mode back at the end of the plan. */
function allowWriting(parent: ConfinedFolder): void {
  const stat = parent.lookAtSelf();
  if ((stat.mode & 0o300n) === 0o300n || process.platform === "win32" || process.getuid?.() === 0) return;
  parent.setOwnAttributes(Number(stat.mode & 0o7777n) | 0o700, Number(stat.mtimeNs) / 1e9);
}

function setRootAttributes(operation: FolderOperation, root: string): void {
  if (operation.do !== "set-attributes") return;
  const folder = openInside(root, "");
  try {
    folder.setOwnAttributes(operation.mode, seconds(operation.mtimeNs));
  } finally {
    folder.close();
  }
}

function inTheWay(path: string, what: string): AppError {
  return new AppError("FILE_FAILED", `${what} stands at ${JSON.stringify(path)}; the next analysis removes it.`);
}
