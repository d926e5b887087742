import * as fs from "node:fs";
import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { WireOperation } from "../core/file-operation.js";
import { joinPath, leafName, parentPath } from "../core/file-entry.js";
import { checkLinkTarget, checkReceivedPath, type PathSystem, type PathVerdict } from "../core/file-path.js";
import { isSameState, nothingKnown, type Knowledge } from "../core/folder-record.js";
import type { ConfinedFolder } from "./confined-folder.js";
import { restoreAfterRename } from "./extended-attributes.js";
import { extendedOf, toState } from "./folder-look.js";
import type { FolderStore } from "./folder-store.js";
import { OtherNameError, type OpenParents } from "./open-parents.js";
import { kindOf } from "./scanner.js";
import { setLinkAttributes, type Staged } from "./staging.js";
import type { Trash } from "./trash.js";
import type { UnsyncedFolders } from "./unsynced-folders.js";

/** Operations that change the folder itself; the others only fill temporary files. */
export type FolderOperation = Exclude<WireOperation, { do: "put-segment" | "drop-transfer" | "begin-transfer" }>;

/** The temporary file of an operation, if it has one. */
export type StagedContent = Pick<Staged, "name" | "isPlain">;

export interface ApplyContext {
  readonly root: string;
  readonly trash: Trash;
  readonly store: FolderStore;
  /** Where staged files lie. */
  readonly temporary: ConfinedFolder;
  readonly parents: OpenParents;
  /** Throws when batches of this epoch are no longer taken. */
  readonly requireAccepted: () => void;
  /** The file system takes names that differ only by case, or by Unicode form, for one. */
  readonly isNameBlind: boolean;
  /** Told of each move that was done. */
  readonly onMoved?: (from: string, to: string) => void;
  /** Collects the folders whose names were changed, to be made durable before the acknowledgement. */
  readonly touched: UnsyncedFolders;
}

const nothing: readonly string[] = [];

/** Throws FILE_PATH_REFUSED for what may not come over the link. Before any access to the disk. */
export function requireAllowedPath(operation: WireOperation, system: PathSystem): void {
  if (!("path" in operation)) return;
  // The root itself is only ever given attributes.
  if (operation.path === "" && operation.do === "set-attributes" && operation.kind === "folder") return;
  requireAllowed(operation.path, checkReceivedPath(operation.path, system));
  if (operation.do === "put-link") requireAllowed(operation.path, checkLinkTarget(operation.linkTarget));
  if (operation.do === "move") requireAllowed(operation.from, checkReceivedPath(operation.from, system));
}

export function requireAllowed(path: string, verdict: PathVerdict): void {
  if (verdict.isAllowed) return;
  throw new AppError("FILE_PATH_REFUSED", `The path ${JSON.stringify(path)} is refused: ${verdict.because}.`);
}

/**
 * Does one operation. Synchronous on purpose: between the check of the epoch and the effect nothing else of this process
 * can run, so no batch of an old epoch takes effect after the epoch was raised. Doing it twice does no harm. Returns which
 * attributes could not be set, for people.
 */
export function applyOperation(
  operation: FolderOperation,
  staged: StagedContent,
  context: ApplyContext,
): readonly string[] {
  context.requireAccepted();
  if (operation.path === "") {
    return operation.do === "set-attributes" ? context.parents.open("").setOwnAttributes(operation) : nothing;
  }
  const parent = openParent(operation, context.parents);
  if (parent === undefined) return nothing;
  allowWriting(parent);
  if (operation.do === "put-file" && putNew(parent, operation, staged, context)) return nothing;
  return applyIn(parent, operation, staged, context);
}

/** Most files are new in a first copy: one system call says that nothing stands there and puts the file in its place. */
function putNew(
  parent: ConfinedFolder,
  operation: Extract<FolderOperation, { do: "put-file" }>,
  staged: StagedContent,
  context: ApplyContext,
): boolean {
  // There what stands under another name for it has to be found.
  if (staged.name === undefined || context.isNameBlind) return false;
  if (!parent.takeNew(context.temporary, staged.name, leafName(operation.path))) return false;
  context.touched.add(parentPath(operation.path));
  note(parent, operation, knownBy(operation.contentHash), context, staged.isPlain);
  return true;
}

function applyIn(
  parent: ConfinedFolder,
  operation: FolderOperation,
  staged: StagedContent,
  context: ApplyContext,
): readonly string[] {
  const leaf = leafName(operation.path);
  const there = parent.look(leaf);
  if (operation.do !== "set-attributes") context.touched.add(parentPath(operation.path));
  if (context.isNameBlind && there !== undefined && !parent.hasName(leaf)) {
    // What should go is not there: it is another one that answers to its name.
    if (operation.do === "remove") return nothing;
    if (operation.do !== "move" || !isSelf(operation.from, there, context)) throw new OtherNameError(operation.path);
    renameByForm(parent, operation, context);
    return nothing;
  }
  switch (operation.do) {
    case "remove":
      if (there === undefined) return nothing;
      allowReplacing(parent, leaf, there);
      context.parents.forgetNames();
      if (there.isDirectory()) fs.rmdirSync(parent.place(leaf));
      else context.trash.keep(parent, operation.path, "deleted");
      return nothing;
    case "make-folder":
      if (there?.isDirectory() === true) return nothing;
      if (there !== undefined) throw inTheWay(operation.path, "a file");
      // Its own mode comes at the very end: it may not allow what still has to be put in.
      fs.mkdirSync(parent.place(leaf), { mode: 0o700 });
      return nothing;
    case "put-file":
    case "finish-file":
    case "put-link": {
      if (staged.name === undefined) throw new AppError("FILE_FAILED", "Its content was not received.");
      if (there?.isDirectory() === true) throw folderInTheWay(parent, operation.path);
      if (there !== undefined) {
        context.trash.keep(parent, operation.path, "overwritten");
        allowReplacing(parent, leaf, there);
      }
      fs.renameSync(context.temporary.place(staged.name), parent.place(leaf));
      const unset = operation.do === "put-link" ? nothing : restoreAfterRename(parent.place(leaf), operation.extended);
      note(
        parent,
        operation,
        operation.do === "put-file" ? knownBy(operation.contentHash) : nothingKnown,
        context,
        staged.isPlain,
      );
      return unset;
    }
    case "set-attributes": {
      const known = there === undefined ? nothingKnown : knowledgeOf(operation.path, there, context.store);
      const unset = setAttributes(parent, leaf, operation, there);
      note(parent, operation, known, context);
      return unset;
    }
    case "move":
      if (there !== undefined) throw inTheWay(operation.path, "something");
      move(parent, operation, context);
      return nothing;
  }
}

/** Only the case of its name changes, or its Unicode form. */
function renameByForm(
  parent: ConfinedFolder,
  operation: Extract<FolderOperation, { do: "move" }>,
  context: ApplyContext,
): void {
  fs.renameSync(parent.place(leafName(operation.from)), parent.place(leafName(operation.path)));
  context.parents.forgetNames();
  context.onMoved?.(operation.from, operation.path);
  if (operation.kind === "folder") noteMovedFolder(operation, context);
}

/** A move that was done before, by a batch whose answer was lost, finds nothing to move and fails; the next look sees it. */
function move(
  parent: ConfinedFolder,
  operation: Extract<FolderOperation, { do: "move" }>,
  context: ApplyContext,
): void {
  const leaf = leafName(operation.path);
  const source = context.parents.openApart(parentPath(operation.from));
  try {
    const there = source.look(leafName(operation.from));
    if (there !== undefined && context.isNameBlind && !source.hasName(leafName(operation.from))) {
      throw new OtherNameError(operation.from);
    }
    if (there === undefined || kindOf(there) !== operation.kind) {
      throw new AppError("FILE_FAILED", `There is no ${operation.kind} at ${JSON.stringify(operation.from)} to move.`);
    }
    allowWriting(source);
    fs.renameSync(source.place(leafName(operation.from)), parent.place(leaf));
    context.parents.forgetNames();
    const known = there.isFile() ? knowledgeOf(operation.from, there, context.store) : nothingKnown;
    context.onMoved?.(operation.from, operation.path);
    context.touched.add(parentPath(operation.from));
    if (there.isDirectory()) noteMovedFolder(operation, context);
    else note(parent, operation, known, context);
  } finally {
    source.close();
  }
}

function noteMovedFolder({ from, path }: { from: string; path: string }, { store, touched }: ApplyContext): void {
  store.moveFolders(from, path);
  touched.noteMoved(from, path);
}

function setAttributes(
  parent: ConfinedFolder,
  leaf: string,
  operation: Extract<FolderOperation, { do: "set-attributes" }>,
  there: fs.BigIntStats | undefined,
): readonly string[] {
  if (operation.kind === "file" || operation.kind === "folder")
    return parent.setAttributes(leaf, operation.kind, operation);
  return there?.isSymbolicLink() === true ? setLinkAttributes(parent.place(leaf), operation) : nothing;
}

/** What was known of a file's content holds when its attributes are set by us. */
function knowledgeOf(path: string, stat: fs.BigIntStats, store: FolderStore): Knowledge {
  if (!stat.isFile()) return nothingKnown;
  const found = store.find(path);
  if (found === undefined || !isSameState(found.state, toState("", stat, ""))) return nothingKnown;
  // Whoever sends attributes alone has found the contents equal.
  return { ...found.known, isDoubtful: false };
}

function knownBy(contentHash: Buffer): Knowledge {
  return { contentHash, isFresh: false, isDoubtful: false };
}

/** So that the next analysis does not take what we did ourselves for a change made here. */
function note(
  parent: ConfinedFolder,
  operation: FolderOperation,
  known: Knowledge,
  context: ApplyContext,
  isPlain = false,
): void {
  const leaf = leafName(operation.path);
  const stat = parent.exact(leaf);
  const kind = stat && kindOf(stat);
  if (stat === undefined || kind === undefined || kind === "folder") return;
  const linkTarget = operation.do === "put-link" ? operation.linkTarget : undefined;
  if (kind === "link" && linkTarget === undefined) return;
  const extended = isPlain ? "" : extendedOf(parent, leaf, kind);
  context.store.note(operation.path, { state: toState(leaf, stat, linkTarget ?? "", extended), known });
}

/** Undefined: what should be removed stands in a folder that is gone as well. */
function openParent(operation: FolderOperation, parents: OpenParents): ConfinedFolder | undefined {
  try {
    return parents.open(parentPath(operation.path));
  } catch (error) {
    const isElsewhere = errorCode(error) === "ENOENT" || error instanceof OtherNameError;
    if (operation.do === "remove" && isElsewhere) return undefined;
    throw error;
  }
}

/** Windows knows no such folders, and root may write in any; a process does not change its user. */
const maySkipModes = process.platform === "win32" || process.getuid?.() === 0;

/** A folder that its owner may not write in (0555) gets its own mode back at the end of the plan. */
function allowWriting(parent: ConfinedFolder): void {
  if (maySkipModes) return;
  const stat = parent.lookAtSelf();
  if ((stat.mode & 0o300n) === 0o300n) return;
  parent.setOwnAttributes({ mode: Number(stat.mode & 0o7777n) | 0o700, mtimeNs: stat.mtimeNs });
}

/** Windows neither removes nor replaces what is read-only. */
function allowReplacing(parent: ConfinedFolder, leaf: string, there: fs.BigIntStats): void {
  if (process.platform !== "win32" || there.isSymbolicLink() || (there.mode & 0o200n) !== 0n) return;
  fs.chmodSync(parent.place(leaf), 0o666);
}

/** A renaming by case alone: the new name already finds the old one. */
function isSelf(from: string, there: fs.BigIntStats, { parents }: ApplyContext): boolean {
  const parent = parents.openApart(parentPath(from));
  try {
    const old = parent.look(leafName(from));
    return old?.ino === there.ino && old.dev === there.dev;
  } finally {
    parent.close();
  }
}

/** What is ignored in it is never removed by itself: whoever reads this must know what holds it up. */
function folderInTheWay(parent: ConfinedFolder, path: string): AppError {
  const folder = parent.openChild(leafName(path));
  try {
    const [first, ...others] = folder.textNames().map((name) => JSON.stringify(joinPath(path, name)));
    if (first === undefined) return inTheWay(path, "a folder");
    const held = others.length === 0 ? first : `${first} and ${others.length} more`;
    const text = `a folder stands at ${JSON.stringify(path)} that holds ${held}; the next analysis removes it unless what is in it is ignored.`;
    return new AppError("FILE_FAILED", text, {
      hint: "Remove on the target what is ignored in the folder, or move it away.",
    });
  } finally {
    folder.close();
  }
}

function inTheWay(path: string, what: string): AppError {
  return new AppError("FILE_FAILED", `${what} stands at ${JSON.stringify(path)}; the next analysis removes it.`);
}
