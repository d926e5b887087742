import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { isSameTime, joinPath } from "../core/file-entry.js";
import { digestKindNumber, summariseFolder, type DigestKind, type FolderSummary } from "../core/folder-digest.js";
import {
  digestBytes,
  isSameState,
  KnownSlots,
  noDigest,
  nothingKnown,
  StateReader,
  type EntryState,
  type FolderRecord,
  type Knowledge,
} from "../core/folder-record.js";
import type { PathSystem } from "../core/file-path.js";
import type { FolderRules } from "../core/folder-rules.js";
import { lookIfUnchanged } from "./unchanged-folder.js";
import { ConfinedFolder } from "./confined-folder.js";
import { isUnknown, lookAtFolder, Pace, toState, type FolderLook, type LookPorts } from "./folder-look.js";
import type { FolderStore } from "./folder-store.js";
import type { Renames } from "./renames.js";
import { extendedProblem, type FileProblem } from "./scanner.js";
import type { Note } from "./store-frames.js";

/** The content of a file by its path; undefined when it cannot be read at rest now. */
export type HashContent = (
  path: string,
) => Promise<{ readonly contentHash: Buffer; readonly isFresh: boolean } | undefined>;

export interface TreeScanPorts {
  readonly root: string;
  readonly store: FolderStore;
  readonly kind: DigestKind;
  readonly rules: FolderRules;
  /** By whose rules names are judged beside this server's own. */
  readonly pathSystem?: PathSystem;
  readonly signal: AbortSignal;
  readonly hashContent: HashContent;
  readonly report: (problem: FileProblem) => void;
  /** Told what is gone and what is new; without it what is gone is forgotten at once. */
  readonly renames?: Renames;
  /** Called with each folder that was looked at and the number of entries in it. */
  readonly onFolder?: (entries: number) => void;
}

export interface TreeScan extends FolderSummary {
  /** The root itself. */
  readonly root: EntryState;
  /** Files in what could not be looked at now, as far as they were known before; Infinity when nothing was known. */
  readonly unknownFiles: number;
}

interface SeenFolder {
  readonly look: FolderLook;
  /** The record that it was found to be equal to. */
  readonly unchanged: FolderRecord | undefined;
}

const nothingIn: FolderSummary = { digest: noDigest, totals: { files: 0, bytes: 0 } };

/**
 * Looks at every entry of a tree and brings the store up to date: a stat for each entry and one comparison for each folder
 * when nothing was touched. Of a file that was touched and looks the same otherwise the content decides. Rejects when the
 * root cannot be read; what else cannot be read is reported.
 */
export async function scanWholeTree(ports: TreeScanPorts): Promise<TreeScan> {
  const folder = ConfinedFolder.openRoot(ports.root);
  try {
    const root = toState("", folder.lookAtSelf(), "", folder.extended("."));
    const scanner = new TreeScanner(ports);
    if (root.hasTooMuchExtended === true) ports.report(extendedProblem("."));
    const summary = await scanner.folder(folder, "");
    if (summary.digest.length === 0) throw new AppError("FILE_FAILED", `The folder ${ports.root} cannot be read.`);
    return { root, ...summary, unknownFiles: scanner.unknownFiles };
  } finally {
    folder.close();
  }
}

class TreeScanner {
  readonly #ports: TreeScanPorts;
  readonly #look: LookPorts;
  readonly #kind: number;
  unknownFiles = 0;

  constructor(ports: TreeScanPorts) {
    this.#ports = ports;
    this.#look = {
      pace: new Pace(),
      rules: ports.rules,
      ...(ports.pathSystem === undefined ? {} : { pathSystem: ports.pathSystem }),
      report: (problem) => {
        this.unknownFiles += this.#filesUnseen(problem);
        ports.report(problem);
      },
    };
    this.#kind = digestKindNumber(ports.kind);
  }

  /** In what could not be looked at, as far as it was known before: what is not known may be a folder with any number. */
  #filesUnseen({ path, kind }: FileProblem): number {
    const { store } = this.#ports;
    if (kind === "skipped") return 0;
    const files = store.getFolder(path)?.totals.files;
    if (files !== undefined || kind === "changed") return files ?? 1;
    const known = store.find(path)?.state.kind;
    return known === "file" || known === "link" ? 1 : Infinity;
  }

  async folder(folder: ConfinedFolder, path: string): Promise<FolderSummary> {
    const { store, kind, signal } = this.#ports;
    signal.throwIfAborted();
    const present = store.getFolder(path);
    const notes = store.notesOf(path);
    let seen: SeenFolder;
    try {
      const record = present ?? this.#formerRecord(path);
      seen = await this.#lookAt(folder, path, notes === undefined ? record : undefined);
    } catch (error) {
      return this.#unreadable({ path, kind: "failed", because: errorMessage(error) });
    }
    const { look } = seen;
    const stored = seen.unchanged ?? present;
    this.#ports.onFolder?.(look.states.count);
    const states = look.states.bytes;
    const isUntouched = stored !== undefined && notes === undefined && stored.states.equals(states);
    const known = isUntouched ? new KnownSlots(stored.known) : carryKnowledge(look, stored, notes, this.#changes(path));
    const isLearnt = await this.#readDoubts(path, states, known);
    const isBelowSame = await this.#folders(folder, path, look, known);
    const isKept = isUntouched && present !== undefined && !isLearnt && isBelowSame;
    if (isKept && stored.digestKind === this.#kind && stored.digest.length > 0) {
      return { digest: stored.digest, totals: stored.totals };
    }
    const content = { count: look.states.count, states, known: known.bytes };
    const summary = summariseFolder(content, kind);
    store.setFolder(path, { ...content, ...summary, digestKind: this.#kind });
    return summary;
  }

  /** Fast where everything is as the record says. */
  async #lookAt(folder: ConfinedFolder, path: string, record: FolderRecord | undefined): Promise<SeenFolder> {
    const look = record && (await lookIfUnchanged(folder, path, record, this.#look));
    if (look !== undefined) return { look, unchanged: record };
    return { look: await lookAtFolder(folder, path, this.#look), unchanged: undefined };
  }

  /** What was remembered of a folder that was renamed since: what is in it need not be looked at as new. */
  #formerRecord(path: string): FolderRecord | undefined {
    const { store, renames } = this.#ports;
    const former = renames?.formerPath(path);
    return former === undefined || store.notesOf(former) !== undefined ? undefined : store.getFolder(former);
  }

  #changes(path: string): Changes {
    const { store, renames } = this.#ports;
    return {
      onGone: (state, known) => {
        const gone = joinPath(path, state.name);
        if (renames !== undefined) renames.noteGone(gone, state, known);
        else if (state.kind === "folder") store.forgetTree(gone);
      },
      onNew: (state) => {
        renames?.noteNew(joinPath(path, state.name), state);
      },
    };
  }

  /** Whether all folders in this one are as they were. */
  async #folders(folder: ConfinedFolder, path: string, look: FolderLook, known: KnownSlots): Promise<boolean> {
    let isSame = true;
    for (const { name, index } of look.folders) {
      const before = known.getFolder(index);
      const now = await this.#inner(folder, name, joinPath(path, name));
      const isEqual = now.digest.length === digestBytes && now.digest.equals(before.digest);
      if (isEqual && now.totals.files === before.totals.files && now.totals.bytes === before.totals.bytes) continue;
      isSame = false;
      known.setFolder(index, now.digest, now.totals);
    }
    return isSame;
  }

  async #inner(folder: ConfinedFolder, name: string, path: string): Promise<FolderSummary> {
    let child;
    try {
      child = folder.openChild(name);
    } catch (error) {
      const code = errorCode(error);
      const isChanged = code === "ENOENT" || code === "FILE_PATH_REFUSED";
      return this.#unreadable({ path, kind: isChanged ? "changed" : "failed", because: errorMessage(error) });
    }
    try {
      return await this.folder(child, path);
    } finally {
      child.close();
    }
  }

  #unreadable(problem: FileProblem): FolderSummary {
    this.unknownFiles += this.#ports.store.getFolder(problem.path)?.totals.files ?? Infinity;
    this.#ports.report(problem);
    return nothingIn;
  }

  /** Whether anything new is known afterwards. */
  async #readDoubts(path: string, states: Buffer, known: KnownSlots): Promise<boolean> {
    const { hasContent } = this.#ports.kind;
    if (!hasContent && !known.hasFresh) return false;
    let isLearnt = false;
    const reader = new StateReader(states);
    for (let state = reader.next(); state !== undefined; state = reader.next()) {
      const before = known.get(reader.index);
      if (state.kind !== "file" || (!hasContent && !before.isFresh)) continue;
      const after = await this.#read(joinPath(path, state.name), before);
      known.set(reader.index, after);
      isLearnt = true;
    }
    return isLearnt;
  }

  async #read(path: string, before: Knowledge): Promise<Knowledge> {
    this.#ports.signal.throwIfAborted();
    // Nothing to compare with, and no need of it.
    if (!this.#ports.kind.hasContent && before.contentHash === undefined) return { ...before, isFresh: false };
    const read = await this.#hash(path);
    // It is being written now, or cannot be read: the next look, or the event of the next write, finds it again.
    if (read === undefined) return { ...before, isFresh: true, isDoubtful: true };
    const isSame = before.contentHash === undefined || before.contentHash.equals(read.contentHash);
    return { contentHash: read.contentHash, isFresh: read.isFresh, isDoubtful: before.isDoubtful || !isSame };
  }

  /** One file that cannot be read is the matter of that file. */
  async #hash(path: string): ReturnType<HashContent> {
    try {
      return await this.#ports.hashContent(path);
    } catch (error) {
      this.#ports.signal.throwIfAborted();
      this.#ports.report({ path, kind: "failed", because: errorMessage(error) });
      return undefined;
    }
  }
}

interface Changes {
  readonly onGone: (state: EntryState, known: Knowledge) => void;
  readonly onNew: (state: EntryState) => void;
}

/** Takes over what was known of entries that were not touched, and notes a doubt about files that were. */
function carryKnowledge(
  look: FolderLook,
  stored: FolderRecord | undefined,
  notes: ReadonlyMap<string, Note> | undefined,
  { onGone, onNew }: Changes,
): KnownSlots {
  const known = KnownSlots.empty(look.states.count);
  const storedSlots = new KnownSlots(stored?.known ?? Buffer.alloc(0));
  const before = new StateReader(stored?.states ?? Buffer.alloc(0));
  const now = new StateReader(look.states.bytes);
  let old = before.next();
  const passGone = (untilName?: string): void => {
    for (; old !== undefined && (untilName === undefined || old.name < untilName); old = before.next()) {
      onGone(old, storedSlots.get(before.index));
    }
  };
  for (let state = now.next(); state !== undefined; state = now.next()) {
    passGone(state.name);
    const match = old?.name === state.name ? old : undefined;
    // Something that could not be looked at may be the folder still.
    if (match?.kind === "folder" && state.kind !== "folder" && state.kind !== "other") onGone(match, nothingKnown);
    const noted = notes?.get(state.name);
    // What was learnt of it since the record was written says that it is not new.
    if (match === undefined && noted?.state.ino !== state.ino) onNew(state);
    if (state.kind === "folder") {
      if (match?.kind === "folder") copyFolder(storedSlots, before.index, known, now.index);
    } else if (noted !== undefined) {
      known.set(now.index, knowledgeOf(state, noted.state, noted.known));
    } else if (match !== undefined) {
      known.set(now.index, knowledgeOf(state, match, storedSlots.get(before.index)));
    }
    if (match !== undefined) old = before.next();
  }
  passGone();
  return known;
}

function copyFolder(from: KnownSlots, fromIndex: number, to: KnownSlots, toIndex: number): void {
  const { digest, totals } = from.getFolder(fromIndex);
  to.setFolder(toIndex, digest, totals);
}

/**
 * What is still known of an entry now that was in another state before. `isFresh` asks for the content to be read: it was
 * touched, and size and time do not say whether it was changed.
 */
function knowledgeOf(now: EntryState, before: EntryState, known: Knowledge): Knowledge {
  if (isSameState(now, before)) return known;
  // It could not be looked at, and whatever became of it meanwhile need not show in size and time.
  if (now.kind === "file" && isUnknown(before)) return { ...nothingKnown, isDoubtful: true };
  if (now.kind !== "file" || before.kind !== "file") return nothingKnown;
  const looksSame = now.size === before.size && isSameTime(now.mtimeNs, before.mtimeNs);
  if (looksSame && known.contentHash !== undefined) return { ...known, isFresh: true };
  return { contentHash: undefined, isFresh: false, isDoubtful: true };
}
