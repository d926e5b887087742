import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import type { ChangeSource, OpenChangeSource } from "./change-source.js";
import { createFolderRules } from "../core/folder-rules.js";
import { awaitReady } from "./ready-source.js";
import { readWatchedPlace } from "./watched-place.js";

export interface WatchPorts {
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  readonly openChangeSource: OpenChangeSource;
  /** Something at this path may have changed; never "". */
  readonly onDirty: (path: string) => void;
  /** There is something to do for whoever rests. */
  readonly onWake: () => void;
}

/** Between a change and its event; what the watcher says is believed only up to this long ago. */
export const watchLatencyMs = 1000;
/** So often a watcher is tried: one that dies without a word is not noticed by anything else. */
const probeEveryMs = 60_000;
/** Beyond this a watcher that has not noticed is dead; one that has a burst to read before gets so far sooner. */
const probeLimitMs = 30_000;
const notCompared = "it was not compared yet";

/** What notices the changes in one folder, and how far it can be believed. */
export class WatchedFolder {
  readonly #settings: FolderSettings;
  readonly #ports: WatchPorts;
  #changes: ChangeSource | undefined;
  #doubt = notCompared;
  #doubtSinceMs = 0;
  #limit = "";
  #losses = 0;
  readonly #readPlace: () => string;
  /** What the watches were set on, and up to when nothing was missed by their being elsewhere. */
  #place = "";
  #placedUntilMs = 0;
  #probe = { beganAtMs: 0, isSeen: true };
  /** When the last probe that was noticed began. */
  #aliveAtMs = 0;

  constructor(settings: FolderSettings, ports: WatchPorts) {
    this.#settings = settings;
    this.#ports = ports;
    const rules = createFolderRules(settings);
    this.#readPlace = () => readWatchedPlace(settings.path, (folder) => rules.isIgnored(folder, true));
  }

  /** Why the whole folder must be looked at before anything else; empty when it need not. */
  get doubt(): string {
    return this.#doubt;
  }

  /** Since when changes may have been missed; means nothing without a doubt. */
  get doubtSinceMs(): number {
    return this.#doubtSinceMs;
  }

  /** Why a part of the folder is not watched; empty when all of it is. */
  get limit(): string {
    return this.#limit;
  }

  /** How often changes may have been missed. */
  get losses(): number {
    return this.#losses;
  }

  /** Whether every change is noticed now. */
  get isComplete(): boolean {
    return this.#settings.watch && this.#changes !== undefined && this.#limit === "" && this.#doubt === "";
  }

  /** Nothing is known of the folder. */
  begin(): void {
    this.#doubt = notCompared;
    this.#doubtSinceMs = this.#ports.clock.monotonicMs();
    this.#limit = "";
    this.#losses = 0;
  }

  /** Begins to watch anew; resolves when it does. From here on every new doubt counts against the analysis that follows. */
  async reopen(signal: AbortSignal): Promise<void> {
    await this.close();
    this.#doubt = "";
    this.#limit = "";
    if (!this.#settings.watch) return;
    // Before the watches: what takes the place meanwhile is noticed by the next look.
    this.#placedUntilMs = this.#ports.clock.monotonicMs();
    this.#place = this.#readPlace();
    this.#probe = { beganAtMs: this.#placedUntilMs, isSeen: true };
    this.#aliveAtMs = this.#placedUntilMs;
    this.#changes = this.#ports.openChangeSource(this.#settings.path, this.#settings.ignore, {
      onDirty: (path) => {
        if (path === "") this.noteDoubt("the folder itself changed");
        else this.#ports.onDirty(path);
        this.#ports.onWake();
      },
      onUncertain: (because) => {
        this.noteDoubt(because);
      },
      onLimited: (because) => {
        this.#noteLimit(because);
      },
    });
    await awaitReady(this.#changes, this.#ports.clock, signal, () => {
      this.noteDoubt("the watcher did not become ready");
    });
  }

  /** Doubts the watches when they notice nothing, or are not on what has the folder's name now: since they last were nothing is known. */
  check(): void {
    if (this.#changes === undefined) return;
    const nowMs = this.#ports.clock.monotonicMs();
    this.#tryWatcher(this.#changes, nowMs);
    if (this.#readPlace() !== this.#place) {
      const because = "another folder has taken its place, or a file system was mounted or unmounted in it";
      this.noteDoubt(because, this.#placedUntilMs);
    } else this.#placedUntilMs = nowMs;
  }

  #tryWatcher(changes: ChangeSource, nowMs: number): void {
    const { beganAtMs, isSeen } = this.#probe;
    if (!isSeen) {
      if (nowMs - beganAtMs < probeLimitMs) return;
      this.#probe = { beganAtMs: nowMs, isSeen: true };
      this.noteDoubt("the watcher did not notice a change that was made to try it", this.#aliveAtMs);
      return;
    }
    if (changes.probe === undefined || nowMs - beganAtMs < probeEveryMs) return;
    const probe = { beganAtMs: nowMs, isSeen: false };
    this.#probe = probe;
    void changes.probe().then(() => {
      probe.isSeen = true;
      this.#aliveAtMs = nowMs;
    });
  }

  async close(): Promise<void> {
    const changes = this.#changes;
    this.#changes = undefined;
    await changes?.close();
  }

  /** Changes may have been missed, from a moment ago on if nobody knows better (`sinceMs`, monotonic). */
  noteDoubt(because: string, sinceMs = this.#ports.clock.monotonicMs() - watchLatencyMs): void {
    this.#doubtSinceMs = this.#doubt === "" ? sinceMs : Math.min(this.#doubtSinceMs, sinceMs);
    if (this.#doubt === "") {
      this.#losses += 1;
      this.#ports.log.warn("files-watch-uncertain", { folder: this.#settings.name, because });
    }
    this.#doubt = because;
    this.#ports.onWake();
  }

  /** An analysis that began then has found all that was missed before; whether more is being missed shows the next opening. */
  noteAnalysed(doubt: string, beganAtMs: number): void {
    this.#placedUntilMs = Math.max(this.#placedUntilMs, beganAtMs);
    if (this.#doubt === doubt) this.#doubtSinceMs = beganAtMs;
  }

  /** An analysis was to find what changed since then, and did not come to its end. */
  noteUnfinished(sinceMs: number): void {
    if (this.#doubt === "") this.#doubt = "the last analysis did not come to its end";
    this.#doubtSinceMs = Math.min(this.#doubtSinceMs, sinceMs);
  }

  #noteLimit(because: string): void {
    const folder = this.#settings.name;
    if (because === "") this.#ports.log.info("files-watch-complete", { folder });
    else this.#ports.log.warn("files-watch-limited", { folder, because });
    this.#limit = because;
  }
}
