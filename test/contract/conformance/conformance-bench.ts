import { readFile } from "node:fs/promises";
import { expect } from "@jest/globals";
import type { DatabaseSync } from "../../../actor/database/create-database-sync.js";
import type { DatabaseEngine } from "../../../actor/database/engine.js";
import { installScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import type { JsonObject } from "../../../shared/core/json.js";
import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";
import { createSystemRandom } from "../../../shared/system-random.js";
import { until } from "../../support/until.js";
import { otherSide, SyncPair, type Side } from "../../support/sync-pair.js";
import type { ApplicationSession, ConformanceDialect, ConformanceFixture } from "./conformance-fixture.js";

/** The first statements of a session take a busy Babelfish many seconds each. */
const patienceMs = 240_000;

/** What a case works with: two empty databases, a SyncPair over them, a session of the application on each. */
export class ConformanceBench {
  readonly signal = new AbortController().signal;
  readonly fixture: ConformanceFixture;
  readonly apps: Record<Side, ApplicationSession>;
  pair: SyncPair;
  readonly #opened: { close(): Promise<void> }[] = [];

  private constructor(fixture: ConformanceFixture, apps: Record<Side, ApplicationSession>, pair: SyncPair) {
    this.fixture = fixture;
    this.apps = apps;
    this.pair = pair;
  }

  static async open(fixture: ConformanceFixture): Promise<ConformanceBench> {
    await fixture.empty(0);
    await fixture.empty(1);
    const apps = { a: await fixture.connect(0), b: await fixture.connect(1) };
    return new ConformanceBench(fixture, apps, await SyncPair.create(fixture.settings));
  }

  get dialect(): ConformanceDialect {
    return this.fixture.dialect;
  }

  /** Begins with other settings; the databases stay as they are. */
  async change(settings: Partial<DatabaseSettings>): Promise<void> {
    await this.pair.close();
    this.pair = await SyncPair.create(this.fixture.settings, settings);
  }

  /** Another session of the application; closed with the bench. */
  async connect(side: Side): Promise<ApplicationSession> {
    return this.#keep(await this.fixture.connect(side === "a" ? 0 : 1));
  }

  /** An engine of its own beside the pair's, ready; closed with the bench. */
  async engine(side: Side): Promise<DatabaseEngine> {
    const engine = await this.engineAsIs(side);
    await installScripts(engine, this.signal);
    return engine;
  }

  /** As engine, without installing: for what may find nothing installed. */
  async engineAsIs(side: Side): Promise<DatabaseEngine> {
    const settings = this.pair.settings[side];
    const newId = (): string => createSystemRandom().id();
    const engine = this.#keep(openEngine({ settings, readSecret: (file) => readFile(file, "utf8"), newId }));
    await engine.probe(this.signal);
    return engine;
  }

  /** As engine, working with what is installed. */
  async engineInUse(side: Side): Promise<DatabaseEngine> {
    const engine = await this.engineAsIs(side);
    await engine.use((await engine.readCatalogue(this.signal)).tables, this.signal);
    return engine;
  }

  /** What `sparesync database install-scripts` does, on both sides. */
  async installScripts(): Promise<void> {
    for (const side of ["a", "b"] as const) await installScripts(await this.engineAsIs(side), this.signal);
  }

  /** The same statements on both sides. */
  async both(statements: string): Promise<void> {
    await this.apps.a.run(statements);
    await this.apps.b.run(statements);
  }

  /** One side is the source, the other its target. */
  async start(source: Side = "a", epoch = 1, isContinuous = false): Promise<void> {
    await this.pair.parts[source].setRole({ role: "source", epoch, continuous: isContinuous });
    await this.becomeTarget(otherSide(source), epoch);
  }

  /**
   * Takes up the role of a target and waits until it is ready: taking it up goes on in the background when it takes
   * long, and until then the gate may still be open (what is written through it is journalled, and reported as lost).
   */
  async becomeTarget(side: Side, epoch: number): Promise<void> {
    const part = this.pair.parts[side];
    await part.setRole({ role: "target", epoch });
    await until(() => (part.details()["shop"] as JsonObject)["isPrepared"] === true, patienceMs);
  }

  /** As becomeTarget, where a person is needed before it is ready. */
  async failToBecomeTarget(side: Side, epoch: number): Promise<void> {
    const part = this.pair.parts[side];
    await part.setRole({ role: "target", epoch });
    await until(() => part.status()[0]?.health === "fatal", patienceMs);
  }

  /** One synchronisation from the side given. */
  async sync(source: Side = "a"): Promise<void> {
    await this.pair.parts[source].synchronise(this.signal);
  }

  /** What the operations do at a planned switch. */
  async switchTo(to: Side, epoch: number): Promise<void> {
    const from = otherSide(to);
    await this.sync(from);
    await this.pair.parts[from].closeSource(this.signal);
    await this.pair.parts[from].drain(this.signal);
    await this.failOverTo(to, epoch);
    await this.becomeTarget(from, epoch);
  }

  /** What the operations do when the other side is lost. */
  async failOverTo(to: Side, epoch: number): Promise<void> {
    const part: DatabaseSync = this.pair.parts[to];
    await part.raiseEpoch(epoch, this.signal);
    await part.promote(epoch, this.signal);
    expect(await part.isPromoted(this.signal)).toBe(true);
    await part.setRole({ role: "source", epoch, continuous: false });
  }

  async contentOf(side: Side, table: string): Promise<readonly string[]> {
    return this.fixture.contentOf(this.apps[side], table);
  }

  async expectSame(...tables: readonly string[]): Promise<void> {
    for (const table of tables) {
      expect({ table, rows: await this.contentOf("b", table) }).toEqual({
        table,
        rows: await this.contentOf("a", table),
      });
    }
  }

  /** As expectSame, and that there is something to compare. */
  async expectSameRows(table: string, count: number): Promise<void> {
    await this.expectSame(table);
    expect((await this.contentOf("a", table)).length).toBe(count);
  }

  async close(): Promise<void> {
    await this.pair.close();
    await Promise.all([...this.#opened, this.apps.a, this.apps.b].map((each) => each.close()));
  }

  #keep<T extends { close(): Promise<void> }>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }
}

/** `INSERT` of many rows in statements of a size that every server takes. */
export function insertRows(table: string, columns: string, rows: readonly string[], perStatement = 500): string[] {
  const statements: string[] = [];
  for (let at = 0; at < rows.length; at += perStatement) {
    statements.push(`INSERT INTO ${table}(${columns}) VALUES ${rows.slice(at, at + perStatement).join(", ")}`);
  }
  return statements;
}
