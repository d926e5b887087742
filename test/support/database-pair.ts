import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { createDatabaseSync } from "../../actor/database/create-database-sync.js";
import type { SyncPart } from "../../actor/sync-part.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { createSystemRandom } from "../../shared/system-random.js";
import { connectApplication, contentOf, emptyDatabase, type DatabaseFixture } from "./database-fixture.js";
import { rememberLog } from "./log-memory.js";
import { MemoryLink } from "./memory-link.js";

export type Side = "a" | "b";

/** Two SyncParts over two databases; each can be killed (thrown away as it is) and begun anew. */
export class DatabasePair {
  readonly apps: Record<Side, pg.Client>;
  readonly folders: Record<Side, string>;
  parts: Record<Side, SyncPart>;
  /** Each side's way to the other. */
  readonly links: Record<Side, MemoryLink> = { a: new MemoryLink(), b: new MemoryLink() };
  readonly #settings: Record<Side, DatabaseSettings>;
  readonly #abandoned: SyncPart[] = [];

  private constructor(
    settings: Record<Side, DatabaseSettings>,
    apps: Record<Side, pg.Client>,
    folders: Record<Side, string>,
  ) {
    this.#settings = settings;
    this.apps = apps;
    this.folders = folders;
    this.parts = { a: this.#create("a"), b: this.#create("b") };
    this.#join();
  }

  static async open(fixture: DatabaseFixture, changes: Partial<DatabaseSettings> = {}): Promise<DatabasePair> {
    const folder = await mkdtemp(join(tmpdir(), "sparesync-database-"));
    const folders = { a: join(folder, "a"), b: join(folder, "b") };
    const with_ = (side: Side, at: 0 | 1): DatabaseSettings => ({
      ...fixture.settings[at],
      backupDirectory: join(folders[side], "backup"),
      ...changes,
    });
    const settings = { a: with_("a", 0), b: with_("b", 1) };
    const apps = { a: await connectApplication(settings.a), b: await connectApplication(settings.b) };
    await emptyDatabase(apps.a);
    await emptyDatabase(apps.b);
    return new DatabasePair(settings, apps, folders);
  }

  /** The same schema on both sides. */
  async both(ddl: string): Promise<void> {
    await this.apps.a.query(ddl);
    await this.apps.b.query(ddl);
  }

  /** Throws the part of one side away with all it has in memory, and makes a new one without a role. */
  kill(side: Side): SyncPart {
    const old = this.parts[side];
    this.#abandoned.push(old);
    this.links[side].faultOf = () => "lost";
    this.links[side] = new MemoryLink();
    this.parts[side] = this.#create(side);
    this.#join();
    return old;
  }

  async expectSame(compare: (target: string[], source: string[]) => void, ...tables: string[]): Promise<void> {
    for (const table of tables) compare(await contentOf(this.apps.b, table), await contentOf(this.apps.a, table));
  }

  /** Lines of all divergence reports of one side. */
  async divergence(side: Side): Promise<{ table: string; key?: Record<string, string>; state: string }[]> {
    const folder = join(this.folders[side], "divergence");
    const files = await readdir(folder).catch(() => []);
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    return texts.flatMap((text) =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { table: string; key?: Record<string, string>; state: string }),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#abandoned, this.parts.a, this.parts.b].map((part) => part.close()));
    await Promise.all([this.apps.a.end(), this.apps.b.end()]);
    await rm(join(this.folders.a, ".."), { recursive: true, force: true });
  }

  #create(side: Side): SyncPart {
    return createDatabaseSync({
      databases: [this.#settings[side]],
      readSecret: () => Promise.resolve("not-in-any-message"),
      stateDirectory: this.folders[side],
      link: this.links[side],
      clock: createSystemClock(),
      log: rememberLog(),
      random: createSystemRandom(),
    });
  }

  #join(): void {
    this.links.a.handlers = this.parts.b.handlers;
    this.links.b.handlers = this.parts.a.handlers;
  }
}

/** Permissions of the first divergence report. */
export async function divergenceMode(folder: string): Promise<number> {
  const [file] = await readdir(join(folder, "divergence"));
  return (await stat(join(folder, "divergence", file ?? ""))).mode & 0o777;
}
