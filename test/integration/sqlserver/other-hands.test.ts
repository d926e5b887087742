import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { SqlFiles } from "../../../actor/database/sqlserver/sql-files.js";
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

  test(
    "a column that is dropped and made again has its table copied again, and no other",
    async () => {
      const bench = await ConformanceBench.open(fixture);
      try {
        await bench.both(
          "CREATE TABLE t(id int NOT NULL PRIMARY KEY, x int NOT NULL); CREATE TABLE u(id int NOT NULL PRIMARY KEY)",
        );
        await bench.apps.a.run("INSERT INTO t VALUES (1, 1), (2, 2); INSERT INTO u VALUES (1)");
        await bench.start();
        await bench.sync();
        const asked = bench.pair.links.a.asked.length;
        await bench.apps.a.run("ALTER TABLE t DROP COLUMN x");
        await bench.apps.a.run("ALTER TABLE t ADD x int NOT NULL DEFAULT 7");
        await bench.sync();
        expect(await bench.apps.b.rows("SELECT id, x FROM t ORDER BY id")).toEqual([
          ["1", "7"],
          ["2", "7"],
        ]);
        const copied = bench.pair.links.a.asked
          .slice(asked)
          .filter(({ kind }) => kind === "database/copy-chunk")
          .map(({ message }) => message.fields["table"]);
        expect([...new Set(copied)]).toEqual(["dbo.t"]);
      } finally {
        await bench.close();
      }
    },
    limitMs,
  );

  test(
    "rows that are written one by one end at the first error that is no duplicate, with its own words",
    async () => {
      const bench = await ConformanceBench.open(fixture);
      try {
        const { a } = bench.apps;
        await a.run("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int, CONSTRAINT [under 50%s %d] CHECK (v < 50))");
        await a.run("CREATE TABLE staged(c0 int NOT NULL, c1 int, c2 int)");
        await a.run(
          "INSERT INTO t VALUES (1, 1); INSERT INTO staged VALUES (0, 1, 2), (1, 2, 3), (2, 3, 60), (3, 4, 5)",
        );
        const parts = { columns: "id, v", values: "s.c1, s.c2", count: "4", identityOn: "", identityOff: "" };
        const flavour = fixture.name === "Babelfish" ? "babelfish" : "sqlserver";
        const script = new SqlFiles().text(flavour, "apply/insert-rows-singly", {
          ...parts,
          table: "t",
          stage: "staged",
        });
        await expect(a.run(script)).rejects.toThrow(/under 50%s %d/);
        expect(await a.rows("SELECT id, v FROM t ORDER BY id")).toEqual([
          ["1", "1"],
          ["2", "3"],
        ]);
      } finally {
        await bench.close();
      }
    },
    limitMs,
  );
});
