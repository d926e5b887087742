import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { DatabaseEngine } from "../../actor/database/engine.js";
import { installScripts, planScripts, resetScripts } from "../../actor/database/install-scripts.js";
import { openEngine } from "../../actor/database/open-engine.js";
import { tableLabel } from "../../actor/core/journal-schema.js";
import type { ScriptsDialect } from "../support/scripts-dialect.js";
import { until } from "../support/until.js";
import type { Side } from "../support/sync-pair.js";
import { ConformanceBench } from "./conformance/conformance-bench.js";
import type { ConformanceFixture } from "./conformance/conformance-fixture.js";

/** What `install-scripts` does with a database: as it is shown, over an older and a newer version, and from anew. */
export function describeInstalledScripts(
  start: () => Promise<{ readonly fixture: ConformanceFixture; readonly scripts: ScriptsDialect }>,
  limitMs = 60_000,
): void {
  const signal = new AbortController().signal;
  let fixture: ConformanceFixture;
  let scripts: ScriptsDialect;
  let bench: ConformanceBench;
  let engines: Record<Side, DatabaseEngine>;

  beforeAll(async () => {
    ({ fixture, scripts } = await start());
  }, limitMs);
  afterAll(async () => {
    await fixture.close();
  });
  beforeEach(async () => {
    bench = await ConformanceBench.open(fixture);
    const open = (side: Side): DatabaseEngine =>
      openEngine({
        settings: bench.pair.settings[side],
        readSecret: (file) => readFile(file, "utf8"),
        newId: () => "the-same-id",
      });
    engines = { a: open("a"), b: open("b") };
    await Promise.all([engines.a.probe(signal), engines.b.probe(signal)]);
  }, limitMs);
  afterEach(async () => {
    await Promise.all([bench.close(), engines.a.close(), engines.b.close()]);
  }, limitMs);

  const copies = (): number => bench.pair.links.a.count("database/copy-begin");
  const ours = (side: Side): Promise<readonly string[]> => scripts.describeOurs(bench.apps[side]);
  const makeTable = (): Promise<void> => bench.both(`CREATE TABLE t(id int PRIMARY KEY, v ${scripts.text})`);

  test(
    "the statements that are shown make the same by hand as an installation does, and then nothing is missing",
    async () => {
      await makeTable();
      await bench.both(scripts.oddTables);
      await installScripts(engines.a, signal);
      const { statements } = await planScripts(engines.b, signal, "shop");
      await bench.apps.b.run(scripts.byHand(statements));
      expect(await ours("b")).toEqual(await ours("a"));
      expect((await planScripts(engines.b, signal, "shop")).statements).toEqual([]);
      await bench.apps.b.run(scripts.oddRows);
      await installScripts(engines.b, signal);
      expect(await engines.b.countPending(10, signal)).toBe(2);
    },
    limitMs,
  );

  test(
    "changes nothing the second time, mends what is missing, and leaves no trace when removed",
    async () => {
      await bench.apps.a.run("CREATE TABLE t(id int PRIMARY KEY); CREATE TABLE u(id int PRIMARY KEY)");
      const { tables } = await engines.a.readCatalogue(signal);
      const [t, u] = ["t", "u"].map((name) => tableLabel({ schema: scripts.schema, name }));
      expect(await engines.a.install(tables, signal)).toEqual([t, u]);
      expect(await engines.a.install(tables, signal)).toEqual([]);
      await bench.apps.a.run(scripts.dropCapture);
      expect(await engines.a.install(tables, signal)).toEqual([t]);
      await engines.a.remove(signal).then(() => engines.a.remove(signal));
      expect(await bench.apps.a.rows(scripts.ourTriggers)).toEqual([]);
      await bench.apps.a.run("INSERT INTO t VALUES (1)");
    },
    limitMs,
  );

  test(
    "over the version before, a target keeps its closed gate, position and right to be promoted, and nothing is copied again",
    async () => {
      await makeTable();
      await bench.start();
      await bench.apps.a.run("INSERT INTO t VALUES (1, 'a')");
      await bench.sync();
      const [before, state] = [await ours("b"), await engines.b.readState(signal)];
      for (const side of ["a", "b"] as const) {
        bench.pair.kill(side);
        await bench.apps[side].run(scripts.toVersionBefore);
      }
      // What was journalled before the new version comes is sent by it.
      await bench.apps.a.run("INSERT INTO t VALUES (2, 'b'); DELETE FROM t WHERE id = 1");
      expect((await planScripts(engines.b, signal, "shop")).statements.join("\n")).toContain(
        `SET version = ${String(scripts.version)}`,
      );
      await installScripts(engines.b, signal);
      expect(await ours("b")).toEqual(before);
      expect(await engines.b.readState(signal)).toEqual({ ...state, ...scripts.forgottenByUpgrade });
      await expect(bench.apps.b.run("DELETE FROM t")).rejects.toThrow(/SpareSync/);
      await engines.b.rehearsePromotion(2, signal);
      const copiesBefore = copies();
      await bench.start();
      await bench.sync();
      await bench.expectSame("t");
      expect(copies()).toBe(copiesBefore);
      await bench.pair.parts.b.raiseEpoch(2, signal);
      await bench.pair.parts.b.promote(2, signal);
      await bench.apps.b.run("INSERT INTO t VALUES (3, 'c')");
    },
    limitMs,
  );

  test(
    "what a newer version has installed is refused with both numbers, and stays as it is",
    async () => {
      await makeTable();
      await bench.start();
      for (const side of ["a", "b"] as const) {
        bench.pair.kill(side);
        await bench.apps[side].run("UPDATE sparesync.meta SET version = 99");
        const before = await ours(side);
        await expect(installScripts(engines[side], signal)).rejects.toMatchObject({
          code: "DATABASE_UNSUPPORTED",
          message: expect.stringMatching(new RegExp(`version 99.*knows ${String(scripts.version)}`)) as unknown,
        });
        await bench.pair.parts[side].setRole(
          side === "a" ? { role: "source", epoch: 1, continuous: false } : { role: "target", epoch: 1 },
        );
        await until(() => bench.pair.parts[side].status()[0]?.health === "fatal");
        expect(await ours(side)).toEqual(before);
      }
    },
    limitMs,
  );

  test(
    "a reset clears the journal of a source and the position of a target, and the next target gets a full copy",
    async () => {
      await makeTable();
      await bench.start();
      await bench.apps.a.run("INSERT INTO t VALUES (1, 'a')");
      await bench.sync();
      await bench.apps.a.run("INSERT INTO t VALUES (2, 'b')");
      const { history } = await engines.a.readState(signal);
      for (const side of ["a", "b"] as const) await resetScripts(engines[side], signal, "shop");
      expect(await engines.a.readState(signal)).toMatchObject({ history: "the-same-id", shippedPoint: 0 });
      expect(history).not.toBe("the-same-id");
      expect(await engines.a.countPending(10, signal)).toBe(0);
      expect((await engines.b.readState(signal)).applied).toBeUndefined();
      await expect(engines.b.promote(2, "promoted", [], signal)).rejects.toMatchObject({
        code: "REINITIALISATION_REQUIRED",
      });
      const before = copies();
      await bench.sync();
      expect(copies()).toBe(before + 1);
      await bench.expectSame("t");
    },
    limitMs,
  );
}
