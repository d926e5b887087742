import * as fs from "node:fs";
import path from "node:path";
import { createFileSync, type FileSync } from "../../actor/files/file-sync.js";
import { folderSettings } from "../../shared/core/settings/data-settings.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { defaultTransferLimits, type TransferLimits } from "../../actor/files/transfer-limits.js";
import type { RoomIn } from "../../actor/files/target-room.js";
import type { OpenChangeSource } from "../../actor/files/change-source.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { createSystemRandom } from "../../shared/system-random.js";
import { makeTemporaryFolder, removeTree } from "./file-tree.js";
import { rememberLog } from "./log-memory.js";
import { MemoryLink } from "./memory-link.js";

export interface PairOptions {
  readonly clock?: ClockPort;
  readonly settings?: Partial<FolderSettings>;
  readonly openChangeSource?: OpenChangeSource;
  readonly transfer?: Partial<TransferLimits>;
  readonly roomIn?: RoomIn;
}

/** Two servers with one folder each, joined by a link in memory. */
export class FileTreePair {
  readonly base = makeTemporaryFolder();
  readonly primaryRoot = path.join(this.base, "primary/data");
  readonly secondaryRoot = path.join(this.base, "secondary/data");
  /** From the primary to the secondary, and back. */
  readonly toSecondary = new MemoryLink();
  readonly toPrimary = new MemoryLink();
  readonly logs = { primary: rememberLog(), secondary: rememberLog() };
  primary: FileSync;
  secondary: FileSync;
  #options: PairOptions;

  constructor(options: PairOptions = {}) {
    this.#options = options;
    fs.mkdirSync(this.primaryRoot, { recursive: true });
    fs.mkdirSync(this.secondaryRoot, { recursive: true });
    this.primary = this.#open("primary", this.primaryRoot, this.toSecondary);
    this.secondary = this.#open("secondary", this.secondaryRoot, this.toPrimary);
    this.#join();
  }

  /** The primary is the source (not continuous unless asked for), the secondary the target. */
  async begin(epoch = 1, continuous = false): Promise<void> {
    await this.secondary.setRole({ role: "target", epoch });
    await this.primary.setRole({ role: "source", epoch, continuous });
  }

  /** With other options, if they are given. */
  async restart(server: "primary" | "secondary", options = this.#options): Promise<void> {
    await this[server].close();
    this.#options = options;
    if (server === "primary") this.primary = this.#open("primary", this.primaryRoot, this.toSecondary);
    else this.secondary = this.#open("secondary", this.secondaryRoot, this.toPrimary);
    this.#join();
  }

  /** The name of something in the source's or target's folder. */
  source(name: string): string {
    return path.join(this.primaryRoot, name);
  }

  target(name: string): string {
    return path.join(this.secondaryRoot, name);
  }

  async end(): Promise<void> {
    await this.primary.close();
    await this.secondary.close();
    removeTree(this.base);
  }

  #join(): void {
    this.toSecondary.handlers = this.secondary.handlers;
    this.toPrimary.handlers = this.primary.handlers;
  }

  #open(server: "primary" | "secondary", root: string, link: MemoryLink): FileSync {
    const folder = folderSettings.parse({ name: "uploads", path: root, delaySeconds: 0, ...this.#options.settings });
    return createFileSync({
      folders: [folder],
      stateDirectory: path.join(this.base, server, "state"),
      link,
      clock: this.#options.clock ?? createSystemClock(),
      log: this.logs[server],
      random: createSystemRandom(),
      transfer: { ...defaultTransferLimits, ...this.#options.transfer },
      ...(this.#options.roomIn === undefined ? {} : { roomIn: this.#options.roomIn }),
      ...(this.#options.openChangeSource === undefined ? {} : { openChangeSource: this.#options.openChangeSource }),
    });
  }
}

export const never = new AbortController().signal;
