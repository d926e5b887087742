import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { errorCode } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { planPurge, type DeletedRecord } from "../core/deleted-record.js";
import { joinPath, leafName, parentPath } from "../core/file-entry.js";
import { deletedFolder } from "../core/file-path.js";
import { ConfinedFolder } from "./confined-folder.js";
import { appendDeletedRecords, readDeletedRecords, writeDeletedRecords } from "./deleted-records-file.js";
import { isMarkedHeld, markHeld, unmarkHeld } from "./held-mark.js";
import { openDeletedFolder } from "./own-folder.js";
import { readPurgeMark, writePurgeMark } from "./purge-mark.js";
import { keptBytes, TrashWalk } from "./trash-walk.js";

export type TrashReason = "deleted" | "overwritten";

/** Files with their bytes: of what was purged, or of what is kept. */
export interface PurgeResult {
  readonly files: number;
  readonly bytes: number;
}

export interface TrashOptions {
  /** 0 keeps nothing. */
  readonly keepDays: number;
  /** More than this is not kept for long: the oldest go first, at the next purge. */
  readonly largestBytes: number;
  /** What it says yes to is kept until `release`, whatever the other options say; asked for "", whether there is any. */
  readonly isHolding?: (path: string) => boolean;
  /** The name that what is held had here before it was renamed by the synchronisation that it is held from. */
  readonly nameBefore?: (path: string) => string;
}

const dayMs = 86_400_000;
const longestNameBytes = 255;

/**
 * `.deleted` of one target folder: keeps what is deleted or overwritten under the same path; of several versions the
 * newest has the plain name, the older ones the time of their deletion behind it. Times of deletion are recorded apart
 * (`.sparesync/deleted.jsonl`), for the file keeps its own. One caller at a time.
 */
export class Trash {
  readonly #root: string;
  readonly #options: TrashOptions;
  readonly #clock: ClockPort;
  #records: DeletedRecord[] = [];
  #kept: PurgeResult | undefined;
  #purgedAtMs: number | undefined;
  readonly #touched = new Set<string>();
  #isMarked = false;

  constructor(root: string, options: TrashOptions, clock: ClockPort) {
    this.#root = root;
    this.#options = options;
    this.#clock = clock;
  }

  /** What is kept now; undefined before the first purge has looked. */
  get kept(): PurgeResult | undefined {
    return this.#kept;
  }

  /** When a purge last succeeded, or since when one is expected (wall clock, ms). */
  get purgedAtMs(): number {
    return (this.#purgedAtMs ??= readPurgeMark(this.#root) ?? this.#clock.wallMs());
  }

  /**
   * Keeps what stands at `path` before it is overwritten (a second name: there is no moment without the file) or removes
   * it from there. Synchronous; durable only after flush.
   */
  keep(parent: ConfinedFolder, path: string, reason: TrashReason): void {
    const leaf = leafName(path);
    if (this.#options.keepDays === 0 && this.#options.isHolding?.(path) !== true) {
      if (reason === "deleted") fs.unlinkSync(parent.place(leaf));
      return;
    }
    // Before anything is moved: the record of it comes after that, and a crash may come between.
    if (this.#options.isHolding?.(path) === true && !this.#isMarked) this.#mark();
    const folder = this.#openFolder(parentPath(path));
    try {
      const name = this.#freeName(folder, parent, leaf, path);
      // Undefined: a run interrupted between keeping and replacing has kept this very file already.
      if (name !== undefined) this.#moveOrLink(parent.place(leaf), folder.place(name), reason);
      else if (reason === "deleted") fs.unlinkSync(parent.place(leaf));
      const inDeleted = joinPath(parentPath(path), name ?? leaf);
      this.#note(inDeleted, path, this.#clock.wallMs(), reason);
      if (name !== undefined) this.#countKept(folder, name);
    } finally {
      folder.close();
    }
  }

  /** Makes durable what was kept since the last flush. */
  async flush(): Promise<void> {
    for (const path of this.#touched) {
      const folder = this.#openFolder(path);
      try {
        await folder.sync();
      } finally {
        folder.close();
      }
    }
    this.#touched.clear();
    if (this.#records.length === 0) return;
    appendDeletedRecords(this.#root, this.#records);
    this.#records = [];
  }

  /**
   * Removes what was deleted longer ago than the setting allows, by the recorded time, and then the oldest while there is
   * more than the setting allows. What has no record (someone put it there, or a crash came between) counts as deleted
   * now, and as held where anything is.
   */
  async purge(signal: AbortSignal): Promise<PurgeResult> {
    await this.flush();
    const nowMs = this.#clock.wallMs();
    if (!this.#exists()) {
      this.#kept = { files: 0, bytes: 0 };
      this.#purgedAtMs = nowMs;
      return this.#kept;
    }
    // Since when one is expected must outlive a process that ends in it.
    if (readPurgeMark(this.#root) === undefined) writePurgeMark(this.#root, this.purgedAtMs);
    const { keepDays, largestBytes } = this.#options;
    const walk = new TrashWalk(signal);
    const folder = openDeletedFolder(this.#root);
    try {
      const records = await readDeletedRecords(this.#root);
      const isHeld = this.#isAnyHeld(records);
      const kept = await walk.list(folder, records, (path) => {
        const record = { path, deletedAtMs: nowMs, reason: "unknown" };
        return isHeld ? { ...record, isHeld } : record;
      });
      const plan = planPurge(kept, { latestMs: nowMs - keepDays * dayMs, largestBytes });
      // Also where nothing goes: an empty folder that an interrupted purge has left.
      await walk.remove(folder, new Set(plan.goes.map(({ path }) => path)));
      await writeDeletedRecords(this.#root, plan.stays);
      if (isHeld && !plan.stays.some((one) => one.isHeld)) this.#unmark();
      this.#kept = sumOf(plan.stays);
      this.#purgedAtMs = nowMs;
      writePurgeMark(this.#root, nowMs);
      return sumOf(plan.goes);
    } finally {
      folder.close();
    }
  }

  /**
   * A person has looked at what is held, by the records: from now on it is kept as long as anything else. What may be held
   * and has none could not be looked at: it gets one, and stays.
   */
  async release(): Promise<number> {
    await this.flush();
    if (!this.#exists()) return 0;
    const records = await readDeletedRecords(this.#root);
    const nowMs = this.#clock.wallMs();
    const unseen = this.#isAnyHeld(records) ? await this.#unrecorded(records) : [];
    const held = [...records.values()].filter(({ isHeld }) => isHeld === true).length;
    if (held === 0 && unseen.length === 0) return 0;
    const released = [...records.values()].map(({ isHeld, ...record }) =>
      isHeld === true ? { ...record, deletedAtMs: nowMs } : record,
    );
    await writeDeletedRecords(this.#root, [...released, ...unseen]);
    if (unseen.length === 0) this.#unmark();
    return held;
  }

  async #unrecorded(records: ReadonlyMap<string, DeletedRecord>): Promise<DeletedRecord[]> {
    const found: DeletedRecord[] = [];
    const folder = openDeletedFolder(this.#root);
    try {
      await new TrashWalk(new AbortController().signal).list(folder, records, (path) => {
        const record = { path, deletedAtMs: this.#clock.wallMs(), reason: "unknown", isHeld: true } as const;
        found.push(record);
        return record;
      });
    } finally {
      folder.close();
    }
    return found;
  }

  /** A crash that came before a record may have come to one that is held; the records themselves may be lost. */
  #isAnyHeld(records: ReadonlyMap<string, DeletedRecord>): boolean {
    const { isHolding } = this.#options;
    if (isHolding?.("") === true || isMarkedHeld(this.#root)) return true;
    return [...records.values()].some((record) => record.isHeld);
  }

  #mark(): void {
    markHeld(this.#root);
    this.#isMarked = true;
  }

  #unmark(): void {
    this.#isMarked = false;
    unmarkHeld(this.#root);
  }

  #exists(): boolean {
    const root = ConfinedFolder.openRoot(this.#root);
    try {
      return root.look(deletedFolder) !== undefined;
    } finally {
      root.close();
    }
  }

  #openFolder(path: string): ConfinedFolder {
    let folder = openDeletedFolder(this.#root);
    let here = "";
    for (const name of path === "" ? [] : path.split("/")) {
      const outer = folder;
      try {
        const stat = outer.look(name);
        // A file of that name was deleted earlier, when it was not yet a folder's.
        if (stat !== undefined && !stat.isDirectory()) this.#setAside(outer, here, name, stat);
        if (stat?.isDirectory() !== true) this.#touched.add(here);
        here = joinPath(here, name);
        folder = outer.openOrMakeChild(name, 0o700);
      } finally {
        outer.close();
      }
    }
    return folder;
  }

  #freeName(folder: ConfinedFolder, parent: ConfinedFolder, leaf: string, path: string): string | undefined {
    const taken = folder.look(leaf);
    if (taken === undefined) return leaf;
    if (taken.isDirectory()) return datedName(folder, leaf, this.#clock.wallMs());
    const there = parent.look(leaf);
    if (there?.ino === taken.ino && there.dev === taken.dev) return undefined;
    this.#setAside(folder, parentPath(path), leaf, taken);
    return leaf;
  }

  #setAside(folder: ConfinedFolder, path: string, name: string, stat: fs.BigIntStats): void {
    // The change of its inode was its coming here: the time of deletion, without a look into the records.
    const deletedAtMs = Number(stat.ctimeMs);
    const dated = datedName(folder, name, deletedAtMs);
    fs.renameSync(folder.place(name), folder.place(dated));
    const from = joinPath(path, name);
    // What was recorded of it goes along, that it is held above all; the rest stands here in case nothing was.
    this.#records.push({ path: joinPath(path, dated), of: from, from, deletedAtMs, reason: "unknown" });
    this.#touched.add(path);
  }

  #moveOrLink(from: string, to: string, reason: TrashReason): void {
    if (reason === "overwritten") {
      try {
        fs.linkSync(from, to);
        return;
      } catch (error) {
        if (!hasNoHardLinks(errorCode(error))) throw error;
      }
    }
    fs.renameSync(from, to);
  }

  #note(path: string, of: string, deletedAtMs: number, reason: TrashReason): void {
    const record = { path, ...(of === path ? {} : { of }), deletedAtMs, reason };
    this.#records.push(this.#options.isHolding?.(of) === true ? this.#heldRecord(record, of) : record);
    this.#touched.add(parentPath(path));
  }

  #heldRecord(record: DeletedRecord, of: string): DeletedRecord {
    const stood = this.#options.nameBefore?.(of) ?? of;
    return { ...record, ...(stood === of ? {} : { stood }), isHeld: true };
  }

  #countKept(folder: ConfinedFolder, name: string): void {
    if (this.#kept === undefined) return;
    const stat = folder.look(name);
    const bytes = stat === undefined ? 0 : keptBytes(stat);
    this.#kept = { files: this.#kept.files + 1, bytes: this.#kept.bytes + bytes };
  }
}

function sumOf(files: readonly { readonly bytes: number }[]): PurgeResult {
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function datedName(folder: ConfinedFolder, name: string, atMs: number): string {
  const stamp = new Date(atMs).toISOString().replaceAll(/[-:]/g, "");
  for (let count = 1; ; count += 1) {
    const dated = withSuffix(name, count === 1 ? `.${stamp}` : `.${stamp}-${count}`);
    if (folder.look(dated) === undefined) return dated;
  }
}

/** A name that would become too long is replaced by a hash of it: cutting it could make two names one. */
function withSuffix(name: string, suffix: string): string {
  if (Buffer.byteLength(name + suffix) <= longestNameBytes) return name + suffix;
  return createHash("sha256").update(name).digest("hex") + suffix;
}

function hasNoHardLinks(code: string | undefined): boolean {
  return code === "EPERM" || code === "EMLINK" || code === "ENOTSUP" || code === "EOPNOTSUPP" || code === "ENOSYS";
}
