import * as fs from "node:fs";
import path from "node:path";
import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import { joinPath, leafName, parentPath } from "../core/file-entry.js";
import { checkFilePath, isReserved, ownFolder } from "../core/file-path.js";
import { LeftWatches } from "./left-watches.js";
import { atPath } from "./long-path.js";

export interface WatchesEvents {
  onDirty(paths: readonly string[]): void;
  onUncertain(because: string): void;
  onLimited(because: string): void;
}

/** What tests replace, and which folders need no watch: a system's limits cannot be reached in a test without harm to others. */
export interface WatchesLimits {
  readonly watch: typeof fs.watch;
  /** Events that the kernel keeps while nobody reads. */
  readonly queueEvents: number;
  readonly retryMs: number;
  /** So many folders without a watch are looked at each time, in turn. */
  readonly unwatchedAtOnce: number;
  readonly isIgnored: (folder: string) => boolean;
}

interface Watched {
  readonly watcher: fs.FSWatcher;
  /** Which folder it is: another one may take its name. */
  readonly ino: bigint;
  /** Names of watched folders in it. */
  readonly inner: Set<string>;
}

/** How often the parts that cannot be watched are looked at, and tried again. */
const unwatchedEveryMs = 30_000;
/** More marks at once than the other end remembers would make a full analysis of every look at a part. */
const unwatchedAtOnce = 1000;
/** What the kernel keeps of events that nobody has read (fs.inotify.max_queued_events), unless it says otherwise. */
const usualQueue = 16_384;
/** Beyond this, the folder above a path is reported in its place: more would only be forgotten at the other end. */
const pathsAtOnce = 20_000;

/** Watches every folder of a tree by itself, and what is made in it later. Reports come once for each turn of the loop. */
export class FolderWatches {
  readonly #root: string;
  readonly #events: WatchesEvents;
  readonly #limits: WatchesLimits;
  readonly #watched = new Map<string, Watched>();
  /** Folders that could not be watched, each with all below it; who was looked at last stands last. */
  readonly #unwatched = new Set<string>();
  #retry: NodeJS.Timeout | undefined;
  #dirty = new Set<string>();
  #eventsInTurn = 0;
  #isTurnToEnd = false;
  readonly #left = new LeftWatches(() => {
    this.#endTurnSoon();
  });
  #onProbed: () => void = () => undefined;

  constructor(root: string, events: WatchesEvents, limits: Partial<WatchesLimits> = {}) {
    this.#root = root;
    this.#events = events;
    const usual = { watch: fs.watch, queueEvents: readQueueLimit(), isIgnored: () => false };
    this.#limits = { ...usual, retryMs: unwatchedEveryMs, unwatchedAtOnce, ...limits };
  }

  /** Watches all there is; changes from then on are reported. */
  start(): void {
    this.#watchTree("");
  }

  /** Touches SpareSync's own folder in the root; `onProbed` is called when a watch tells of it, or where it cannot be touched. */
  probe(onProbed: () => void): void {
    this.#onProbed = onProbed;
    const place = this.#place(ownFolder);
    const now = new Date();
    try {
      fs.mkdirSync(place, { recursive: true, mode: 0o700 });
      fs.lutimesSync(place, now, now);
    } catch {
      onProbed();
    }
  }

  close(): void {
    clearInterval(this.#retry);
    this.#unwatchTree("");
    this.#left.closeAll();
  }

  #watchTree(folder: string): void {
    // What no server may be given, as a path too long, is named by the analysis and never copied: nor is anything in it.
    if (folder !== "" && !checkFilePath(folder, "posix").isAllowed) return;
    if (this.#limits.isIgnored(folder)) return;
    if (!this.#watch(folder)) return;
    for (const name of this.#folderNames(folder)) this.#watchTree(joinPath(folder, name));
  }

  /** Watched first and listed afterwards: what is made in between is seen twice, not never. */
  #watch(folder: string): boolean {
    try {
      const { ino, watcher } = this.#at(folder, (place) => ({
        // The root may be named by a link; in it none is followed.
        ino: (folder === "" ? fs.statSync(place, { bigint: true }) : fs.lstatSync(place, { bigint: true })).ino,
        watcher: this.#limits.watch(place, { encoding: "buffer", persistent: true }),
      }));
      watcher.on("change", (event, name: Buffer | null) => {
        this.#countEvent();
        if (this.#watched.get(folder)?.watcher !== watcher) this.#left.noteEvent(watcher);
        else this.#note(folder, name?.toString("utf8") ?? "", event);
      });
      watcher.on("error", (error) => {
        this.#events.onUncertain(`a watch failed: ${errorMessage(error)}`);
      });
      this.#watched.set(folder, { watcher, ino, inner: new Set() });
      if (folder !== "") this.#watched.get(parentPath(folder))?.inner.add(leafName(folder));
      return true;
    } catch (error) {
      this.#watchFailed(folder, error);
      return false;
    }
  }

  #watchFailed(folder: string, error: unknown): void {
    const code = errorCode(error);
    // It is gone again, or nobody may look into it: the analysis reports that.
    if (folder !== "" && (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES")) return;
    const hasNoneLeft = code === "ENOSPC" || code === "EMFILE";
    // Without a watch on the root there is nothing to go on with.
    if (!hasNoneLeft && folder === "") {
      this.#events.onUncertain(errorMessage(error));
      return;
    }
    this.#unwatched.add(folder);
    if (this.#retry !== undefined) return;
    const because = hasNoneLeft
      ? `there are no inotify watches left (${code}): raise fs.inotify.max_user_watches and max_user_instances by sysctl`
      : `the folder ${JSON.stringify(folder)} cannot be watched (${code ?? "unknown error"})`;
    const { retryMs, unwatchedAtOnce: atOnce } = this.#limits;
    this.#events.onLimited(
      `${because}; until then folders without a watch are looked at every ${retryMs / 1000} seconds, ${atOnce} of them at a time`,
    );
    this.#retry = setInterval(() => {
      this.#lookAtUnwatched();
    }, this.#limits.retryMs);
  }

  #lookAtUnwatched(): void {
    for (const folder of [...this.#unwatched].slice(0, this.#limits.unwatchedAtOnce)) {
      this.#unwatched.delete(folder);
      this.#report(folder);
      this.#watchTree(folder);
    }
    if (this.#unwatched.size > 0) return;
    clearInterval(this.#retry);
    this.#retry = undefined;
    this.#events.onLimited("");
  }

  #countEvent(): void {
    this.#eventsInTurn += 1;
    this.#endTurnSoon();
  }

  #note(folder: string, name: string, event: string): void {
    if (folder === "" && isReserved(name)) {
      if (name === ownFolder) this.#onProbed();
      return;
    }
    if (folder === "" && (name === "" || !this.#isSameRoot())) {
      this.#events.onUncertain("the folder itself was removed or changed");
      return;
    }
    const changed = joinPath(folder, name);
    this.#report(name === "" ? folder : changed);
    this.#followFolder(changed, event === "rename");
  }

  /** It may be missing, or another folder may have its name: the watch is not on that one. */
  #isSameRoot(): boolean {
    try {
      return fs.statSync(this.#root, { bigint: true }).ino === this.#watched.get("")?.ino;
    } catch {
      return false;
    }
  }

  /** The name may stand for a new folder, another folder, or none any more; another one may have the inode of the one that is gone. */
  #followFolder(changed: string, isRenamed: boolean): void {
    const known = this.#watched.get(changed);
    let ino: bigint | undefined;
    try {
      const stat = this.#at(changed, (place) => fs.lstatSync(place, { bigint: true, throwIfNoEntry: false }));
      ino = stat?.isDirectory() === true ? stat.ino : undefined;
    } catch {
      // It may be what it was; why it cannot be looked at the analysis reports.
      return;
    }
    if (known !== undefined && (isRenamed || ino !== known.ino)) this.#unwatchTree(changed);
    if (ino !== undefined && !this.#watched.has(changed)) this.#watchTree(changed);
  }

  #unwatchTree(folder: string): void {
    const known = this.#watched.get(folder);
    if (known === undefined) return;
    for (const name of known.inner) this.#unwatchTree(joinPath(folder, name));
    // Not closed yet: events of a closed watch are dropped uncounted, and with them the sign that the queue has run over.
    this.#left.add(known.watcher);
    this.#watched.delete(folder);
    this.#watched.get(parentPath(folder))?.inner.delete(leafName(folder));
  }

  #endTurnSoon(): void {
    if (this.#isTurnToEnd) return;
    this.#isTurnToEnd = true;
    setImmediate(() => {
      this.#endTurn();
    });
  }

  #report(changed: string): void {
    this.#endTurnSoon();
    this.#dirty.add(this.#dirty.size < pathsAtOnce ? changed : parentPath(changed));
  }

  #endTurn(): void {
    this.#isTurnToEnd = false;
    const mostUncounted = this.#left.mostUncounted(this.#limits.queueEvents);
    // As many as the kernel keeps, read in one go: it may have had to drop some, and libuv does not pass that on.
    if (this.#eventsInTurn >= this.#limits.queueEvents - mostUncounted) {
      this.#events.onUncertain(
        `${this.#eventsInTurn} changes at once may have overrun the queue; fs.inotify.max_queued_events may be raised by sysctl`,
      );
    }
    this.#eventsInTurn = 0;
    const closing = this.#left.closeQuiet();
    if (closing === "held-up") this.#events.onUncertain("changes may have been dropped while watches were closed");
    // What may have been dropped with them concerns one reading of the queue, the next.
    if (closing !== "nothing") this.#endTurnSoon();
    const paths = [...this.#dirty];
    this.#dirty = new Set();
    if (paths.length > 0) this.#events.onDirty(paths);
  }

  #folderNames(folder: string): string[] {
    try {
      const entries = this.#at(folder, (place) => fs.readdirSync(place, { withFileTypes: true }));
      return entries
        .filter((entry) => entry.isDirectory() && !(folder === "" && isReserved(entry.name)))
        .map(({ name }) => name);
    } catch {
      // It is gone again, or nobody may look into it: the analysis reports that.
      return [];
    }
  }

  #place(folder: string): string {
    return path.join(this.#root, folder);
  }

  /** By its path, or where that is too long by its name in the folder around it. */
  #at<Result>(folder: string, use: (place: string) => Result): Result {
    return atPath(this.#root, folder, use);
  }
}

function readQueueLimit(): number {
  try {
    const limit = Number(fs.readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
    return Number.isSafeInteger(limit) && limit > 0 ? limit : usualQueue;
  } catch {
    return usualQueue;
  }
}
