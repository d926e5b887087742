import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import { connectApplication, contentOf, emptyDatabase, type DatabaseFixture } from "./database-fixture.js";
import { otherSide, SyncPair, type Side } from "./sync-pair.js";

export type { Side } from "./sync-pair.js";

/** A SyncPair over two PostgreSQL databases with a client of the application on each. */
export class DatabasePair extends SyncPair {
  readonly apps: Record<Side, pg.Client>;

  private constructor(
    settings: Record<Side, DatabaseSettings>,
    folders: Record<Side, string>,
    apps: Record<Side, pg.Client>,
  ) {
    super(settings, folders);
    this.apps = apps;
  }

  static async open(fixture: DatabaseFixture, changes: Partial<DatabaseSettings> = {}): Promise<DatabasePair> {
    const [settings, folders] = await SyncPair.prepare(fixture.settings, changes);
    const apps = { a: await connectApplication(settings.a), b: await connectApplication(settings.b) };
    await emptyDatabase(apps.a);
    await emptyDatabase(apps.b);
    return new DatabasePair(settings, folders, apps);
  }

  /** The same schema on both sides. */
  async both(ddl: string): Promise<void> {
    await this.apps.a.query(ddl);
    await this.apps.b.query(ddl);
  }

  async expectSame(compare: (target: string[], source: string[]) => void, ...tables: string[]): Promise<void> {
    for (const table of tables) compare(await contentOf(this.apps.b, table), await contentOf(this.apps.a, table));
  }

  /** A (unless another is named) is the source, journalling only, so that tests say when something is sent. */
  async startRoles(source: Side = "a", epoch = 1): Promise<void> {
    await this.parts[source].setRole({ role: "source", epoch, continuous: false });
    await this.parts[otherSide(source)].setRole({ role: "target", epoch });
  }

  /** What the operations do at a planned switch. */
  async switchTo(to: Side, epoch: number): Promise<void> {
    const { signal } = new AbortController();
    const from = otherSide(to);
    await this.parts[from].synchronise(signal);
    await this.parts[from].closeSource(signal);
    await this.parts[from].drain(signal);
    await this.failOverTo(to, epoch);
    await this.parts[from].setRole({ role: "target", epoch });
  }

  /** The other side is not asked. */
  async failOverTo(to: Side, epoch: number): Promise<void> {
    const { signal } = new AbortController();
    await this.parts[to].raiseEpoch(epoch, signal);
    await this.parts[to].promote(epoch, signal);
    if (!(await this.parts[to].isPromoted(signal))) throw new Error(`side ${to} is not promoted`);
    await this.parts[to].setRole({ role: "source", epoch, continuous: false });
  }

  override async close(): Promise<void> {
    await super.close();
    await Promise.all([this.apps.a.end(), this.apps.b.end()]);
  }
}

/** Permissions of the first divergence report. */
export async function divergenceMode(folder: string): Promise<number> {
  const files = await readdir(join(folder, "divergence"), { recursive: true });
  const file = files.find((name) => name.endsWith(".jsonl"));
  return (await stat(join(folder, "divergence", file ?? ""))).mode & 0o777;
}
