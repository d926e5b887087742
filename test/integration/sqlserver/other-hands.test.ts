import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { openEngine } from "../../../actor/database/open-engine.js";
import { ConformanceBench } from "../../contract/conformance/conformance-bench.js";
import type { ConformanceFixture } from "../../contract/conformance/conformance-fixture.js";
import { startSqlServerConformance } from "../../support/sqlserver-conformance.js";
import { addressVariable, sqlServerAddress } from "../../support/sqlserver-server.js";

const { signal } = new AbortController();
const address = sqlServerAddress();
/** The first statements of a session take a busy Babelfish many seconds each. */
const limitMs = 600_000;

describe("what other hands may do to a database on SQL Server", () => {
  if (!address) {
    test.skip(`need a server: set ${addressVariable}`, () => undefined);
    return;
  }
  let fixture: ConformanceFixture;
  beforeAll(async () => {
    fixture = await startSqlServerConformance(address, {});
  }, limitMs);
  afterAll(async () => {
    await fixture.close();
  }, limitMs);

  test(
    "a gate that was closed by hand is opened with a new mark of its table; a NULL in the journal empties nothing; identities are told without a point",
    async () => {
      const bench = await ConformanceBench.open(fixture);
      const settings = bench.pair.settings.a;
      const engine = openEngine({
        settings,
        readSecret: (file) => readFile(file, "utf8"),
        newId: () => "another-mark",
      });
      try {
        await bench.both("CREATE TABLE t(id int IDENTITY(1, 1) PRIMARY KEY, v int)");
        await bench.apps.a.run("INSERT INTO t(v) VALUES (1)");
        await bench.start();
        await bench.sync();
        await bench.apps.a.run("INSERT INTO sparesync.j_1(k1) VALUES (NULL)");
        await bench.sync();
        await bench.expectSame("t");
        expect(await bench.apps.b.rows("SELECT CAST(COUNT(*) AS varchar(5)) FROM t")).toEqual([["1"]]);
        const kinds: string[] = [];
        const write = ({ text }: { readonly text: Buffer }): Promise<void> => {
          kinds.push(text.toString("utf8").trim());
          return Promise.resolve();
        };
        await engine.probe(signal);
        await engine.readSequences({ batchRows: 100, batchBytes: 1000 }, write, signal);
        expect(kinds).toEqual(["dbo\tt\t1"]);
        expect(await engine.readWrongGates("open", signal)).toEqual([]);
        // Nobody else puts it right meanwhile.
        bench.pair.kill("a");
        await bench.apps.a.run("ALTER TABLE t ENABLE TRIGGER sparesync_gate_1");
        await expect(bench.apps.a.run("INSERT INTO t(v) VALUES (2)")).rejects.toThrow(/SpareSync/);
        expect(await engine.readWrongGates("standby", signal)).toEqual([]);
        expect(await engine.readWrongGates("open", signal)).toEqual(["dbo.t"]);
        const before = await engine.readMarks(signal);
        expect(await engine.mendGate("dbo.t", "open", signal)).toBe(true);
        expect(await engine.mendGate("dbo.t", "open", signal)).toBe(false);
        expect((await engine.readMarks(signal)).own["dbo.t"]).not.toBe(before.own["dbo.t"]);
        await bench.apps.a.run("INSERT INTO t(v) VALUES (3)");
      } finally {
        await Promise.all([engine.close(), bench.close()]);
      }
    },
    limitMs,
  );
});
