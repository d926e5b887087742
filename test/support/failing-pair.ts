import * as fs from "node:fs";
import { join } from "node:path";
import type { DrainResult } from "../../actor/sync-part.js";
import { FailingCalls, type FileFaults } from "./file-faults.js";
import { FileProcessPair, type Side } from "./file-process-pair.js";
import { makeTemporaryFolder, removeTree } from "./file-tree.js";

/** A path that is told as not synchronised. */
export interface NamedPath {
  readonly path: string;
  readonly because: string;
  readonly attempts: number;
}

/** Two servers as processes with one folder each, of which one can be told which of its system calls fail. */
export class FailingPair {
  readonly base: string;
  readonly source: string;
  readonly target: string;
  readonly failing: FailingCalls;
  readonly pair: FileProcessPair;

  private constructor(base: string, pair: FileProcessPair) {
    this.base = base;
    this.source = join(base, "source");
    this.target = join(base, "target");
    this.failing = new FailingCalls(join(base, "failing-calls"));
    this.pair = pair;
  }

  /** The folders and the pair, without its processes. */
  static async set(): Promise<FailingPair> {
    const base = makeTemporaryFolder();
    const roots = { primary: join(base, "source"), secondary: join(base, "target") };
    for (const folder of Object.values(roots)) fs.mkdirSync(folder);
    return new FailingPair(base, await FileProcessPair.set({ base: join(base, "pair"), roots }));
  }

  /** Starts both and gives them their roles; `side` is the one whose calls may fail, and suffers `faults` besides. */
  async start(
    side: Side,
    { isContinuous = false, faults = {} }: { readonly isContinuous?: boolean; readonly faults?: FileFaults } = {},
  ): Promise<void> {
    const faultsOf = (one: Side): FileFaults | undefined =>
      one === side ? { ...this.failing.faults, ...faults } : undefined;
    await Promise.all([
      this.pair.start("primary", faultsOf("primary")),
      this.pair.start("secondary", faultsOf("secondary")),
    ]);
    await this.pair.takeRole("secondary", false);
    await this.pair.takeRole("primary", isContinuous);
  }

  synchronise(): Promise<DrainResult> {
    return this.pair.side("primary").ask("synchronise", null);
  }

  /** What is told as not synchronised. */
  async namedPaths(): Promise<readonly NamedPath[]> {
    const { folders } = await this.pair.side("primary").ask("details", null);
    return (folders as unknown as { readonly files: { readonly paths: readonly NamedPath[] } }).files.paths;
  }

  async end(): Promise<void> {
    await this.pair.end();
    removeTree(this.base);
  }
}
