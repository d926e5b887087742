import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabaseSync, type DatabaseSync } from "../../actor/database/create-database-sync.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { createSystemRandom } from "../../shared/system-random.js";
import { rememberLog } from "./log-memory.js";
import { MemoryLink } from "./memory-link.js";

export type Side = "a" | "b";

export function otherSide(side: Side): Side {
  return side === "a" ? "b" : "a";
}

export interface DivergenceLine {
  readonly table: string;
  readonly key?: Record<string, string>;
  readonly state: string;
  readonly row?: Record<string, string | null>;
  readonly because?: string;
}

export interface DivergenceFinding extends DivergenceLine {
  readonly present: Record<string, string | null> | null;
  readonly isChangedSince: boolean;
  readonly wasApplied: boolean;
}

async function linesOf<Line>(folder: string, isWanted: (file: string) => boolean): Promise<readonly Line[]> {
  const files = (await readdir(folder, { recursive: true }).catch(() => [])).filter(isWanted);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return texts.flatMap((text) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Line),
  );
}

/** Two SyncParts over two databases; each can be killed (thrown away as it is) and begun anew. */
export class SyncPair {
  readonly folders: Record<Side, string>;
  readonly settings: Record<Side, DatabaseSettings>;
  parts: Record<Side, DatabaseSync>;
  /** Each side's way to the other. */
  readonly links: Record<Side, MemoryLink> = { a: new MemoryLink(), b: new MemoryLink() };
  readonly logs = { a: rememberLog(), b: rememberLog() };
  readonly #abandoned: DatabaseSync[] = [];

  protected constructor(settings: Record<Side, DatabaseSettings>, folders: Record<Side, string>) {
    this.settings = settings;
    this.folders = folders;
    this.parts = { a: this.#create("a"), b: this.#create("b") };
    this.#join();
  }

  static async create(
    settings: readonly [DatabaseSettings, DatabaseSettings],
    changes: Partial<DatabaseSettings> = {},
  ): Promise<SyncPair> {
    return new SyncPair(...(await SyncPair.prepare(settings, changes)));
  }

  protected static async prepare(
    settings: readonly [DatabaseSettings, DatabaseSettings],
    changes: Partial<DatabaseSettings>,
  ): Promise<[Record<Side, DatabaseSettings>, Record<Side, string>]> {
    const folder = await mkdtemp(join(tmpdir(), "sparesync-database-"));
    const folders = { a: join(folder, "a"), b: join(folder, "b") };
    const of = (side: Side, at: 0 | 1): DatabaseSettings => ({
      ...settings[at],
      backupDirectory: join(folders[side], "backup"),
      ...changes,
    });
    return [{ a: of("a", 0), b: of("b", 1) }, folders];
  }

  /** Throws the part of one side away with all it has in memory, and makes a new one without a role. */
  kill(side: Side): DatabaseSync {
    const old = this.parts[side];
    this.#abandoned.push(old);
    this.links[side].faultOf = () => "lost";
    // The connections of a process that dies are closed, whatever they are in the middle of.
    void old.close();
    this.links[side] = new MemoryLink();
    this.parts[side] = this.#create(side);
    this.#join();
    return old;
  }

  /** Lines of all divergence reports of one side. */
  async divergence(side: Side): Promise<readonly DivergenceLine[]> {
    const folder = join(this.folders[side], "divergence");
    return linesOf<DivergenceLine>(folder, (file) => file.endsWith(".lost.jsonl"));
  }

  /** Lines of what the new source found out about the divergence of the old one. */
  async findings(side: Side): Promise<readonly DivergenceFinding[]> {
    const folder = join(this.folders[side], "divergence");
    return linesOf<DivergenceFinding>(folder, (file) => file.endsWith(".found.jsonl"));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#abandoned, this.parts.a, this.parts.b].map((part) => part.close()));
    await rm(join(this.folders.a, ".."), { recursive: true, force: true });
  }

  #create(side: Side): DatabaseSync {
    return createDatabaseSync({
      databases: [this.settings[side]],
      readSecret: (file) => readFile(file, "utf8"),
      stateDirectory: this.folders[side],
      link: this.links[side],
      clock: createSystemClock(),
      log: this.logs[side],
      random: createSystemRandom(),
    });
  }

  #join(): void {
    this.links.a.handlers = this.parts.b.handlers;
    this.links.b.handlers = this.parts.a.handlers;
  }
}
