import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { writeFileAtomically } from "../../shared/atomic-file.js";
import { errorCode } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { joinPath, leafName, parentPath } from "../core/file-entry.js";
import { deletedFolder } from "../core/file-path.js";
import { ConfinedFolder } from "./confined-folder.js";
import { openDeletedFolder, openOwnFolder } from "./own-folder.js";

const record = z.object({ path: z.string(), deletedAtMs: z.number(), reason: z.string() });
export type TrashRecord = z.output<typeof record>;
export type TrashReason = "deleted" | "overwritten";

export interface PurgeResult {
  readonly files: number;
  readonly bytes: number;
}

const recordsFile = "deleted.jsonl";
const dayMs = 86_400_000;
const longestNameBytes = 255;

/**
 * `.deleted` of one target folder: keeps what is deleted or overwritten under the same path; of several versions the
 * newest has the plain name, the older ones the time of their deletion behind it. Times of deletion are recorded apart
 * (`.sparesync/deleted.jsonl`), for the file keeps its own. One caller at a time.
 */
export class Trash {
  readonly #root: string;
  readonly #keepDays: number;
  readonly #clock: ClockPort;
  #records: TrashRecord[] = [];
  readonly #touched = new Set<string>();

  constructor(root: string, keepDays: number, clock: ClockPort) {
    this.#root = root;
    this.#keepDays = keepDays;
    this.#clock = clock;
  }

  /**
   * Keeps what stands at `path` before it is overwritten (a second name: there is no moment without the file) or removes
   * it from there. Synchronous; durable only after flush.
   */
  keep(parent: ConfinedFolder, path: string, reason: TrashReason): void {
    const leaf = leafName(path);
    if (this.#keepDays === 0) {
      if (reason === "deleted") fs.unlinkSync(parent.place(leaf));
      return;
    }
    const folder = this.#openFolder(parentPath(path));
    try {
      const name = this.#freeName(folder, parent, leaf, path);
      // Undefined: a run interrupted between keeping and replacing has kept this very file already.
      if (name !== undefined) this.#moveOrLink(parent.place(leaf), folder.place(name), reason);
      else if (reason === "deleted") fs.unlinkSync(parent.place(leaf));
      this.#note(joinPath(parentPath(path), name ?? leaf), this.#clock.wallMs(), reason);
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
    const lines = this.#records.map((one) => `${JSON.stringify(one)}\n`).join("");
    const own = openOwnFolder(this.#root);
    try {
      const flags = fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW;
      const descriptor = fs.openSync(own.place(recordsFile), flags, 0o600);
      try {
        fs.writeSync(descriptor, lines);
        fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      this.#records = [];
    } finally {
      own.close();
    }
  }

  /**
   * Removes what was deleted longer ago than the setting allows, by the recorded time. What has no record (someone put it
   * there, or a crash came between) counts as deleted now.
   */
  async purge(signal: AbortSignal): Promise<PurgeResult> {
    await this.flush();
    if (!this.#exists()) return { files: 0, bytes: 0 };
    const nowMs = this.#clock.wallMs();
    const purge = new Purge(this.#readRecords(), nowMs, nowMs - this.#keepDays * dayMs, signal);
    const folder = openDeletedFolder(this.#root);
    try {
      await purge.folder(folder, "");
    } finally {
      folder.close();
    }
    const own = openOwnFolder(this.#root);
    try {
      const lines = purge.left.map((one) => `${JSON.stringify(one)}\n`).join("");
      await writeFileAtomically(own.place(recordsFile), lines);
    } finally {
      own.close();
    }
    return { files: purge.files, bytes: purge.bytes };
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
    this.#note(joinPath(path, dated), deletedAtMs, "deleted");
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

  #note(path: string, deletedAtMs: number, reason: TrashReason): void {
    this.#records.push({ path, deletedAtMs, reason });
    this.#touched.add(parentPath(path));
  }

  #readRecords(): Map<string, TrashRecord> {
    const records = new Map<string, TrashRecord>();
    const own = openOwnFolder(this.#root);
    try {
      for (const line of fs.readFileSync(own.place(recordsFile), "utf8").split("\n")) {
        const one = parseRecord(line);
        if (one !== undefined) records.set(one.path, one);
      }
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    } finally {
      own.close();
    }
    return records;
  }
}

/** One walk through .deleted. Links are removed as such, folders only when nothing is left in them. */
class Purge {
  readonly left: TrashRecord[] = [];
  files = 0;
  bytes = 0;
  readonly #records: ReadonlyMap<string, TrashRecord>;
  readonly #nowMs: number;
  readonly #latestMs: number;
  readonly #signal: AbortSignal;

  constructor(records: ReadonlyMap<string, TrashRecord>, nowMs: number, latestMs: number, signal: AbortSignal) {
    this.#records = records;
    this.#nowMs = nowMs;
    this.#latestMs = latestMs;
    this.#signal = signal;
  }

  async folder(folder: ConfinedFolder, path: string): Promise<void> {
    let steps = 0;
    for (const bytes of folder.names()) {
      this.#signal.throwIfAborted();
      steps += 1;
      if (steps % 256 === 0) await nextTurn();
      const name = bytes.toString("utf8");
      const stat = folder.look(name);
      if (stat === undefined) continue;
      const childPath = joinPath(path, name);
      if (stat.isDirectory()) await this.#inner(folder, name, childPath);
      else this.#file(folder, name, childPath, Number(stat.size));
    }
  }

  async #inner(folder: ConfinedFolder, name: string, path: string): Promise<void> {
    const child = folder.openChild(name);
    try {
      await this.folder(child, path);
    } finally {
      child.close();
    }
    try {
      fs.rmdirSync(folder.place(name));
    } catch (error) {
      if (errorCode(error) !== "ENOTEMPTY" && errorCode(error) !== "EEXIST") throw error;
    }
  }

  #file(folder: ConfinedFolder, name: string, path: string, size: number): void {
    const known = this.#records.get(path) ?? { path, deletedAtMs: this.#nowMs, reason: "unknown" };
    if (known.deletedAtMs > this.#latestMs) {
      this.left.push(known);
      return;
    }
    fs.unlinkSync(folder.place(name));
    this.files += 1;
    this.bytes += size;
  }
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

function parseRecord(line: string): TrashRecord | undefined {
  try {
    return record.safeParse(JSON.parse(line)).data;
  } catch {
    // The last line may be torn by a crash.
    return undefined;
  }
}
