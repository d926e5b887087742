import { expect } from "@jest/globals";
import type { ConformanceBench } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";
import { pieceOfCase } from "./piece-of-case.js";

interface SchemaChange {
  readonly when: string;
  /** DDL of the application, run on the source and later on the target. */
  readonly ddl: (bench: ConformanceBench) => string;
  /** What the application writes right after it, on the source. */
  readonly write: string;
  /** What the named difference must hold; undefined where nothing stops. */
  readonly named: RegExp | undefined;
  /** Tables that are copied again; no other is. */
  readonly copied: readonly string[];
  readonly compared: readonly string[];
}

const changes: readonly SchemaChange[] = [
  {
    when: "an index is added",
    ddl: () => "CREATE INDEX t_v ON t(v)",
    write: "UPDATE t SET v = 11 WHERE id = 1",
    named: undefined,
    copied: [],
    compared: ["t"],
  },
  {
    when: "a column is added",
    ddl: () => "ALTER TABLE t ADD w int",
    write: "UPDATE t SET w = 5 WHERE id = 1",
    named: /t.*w/,
    copied: ["t"],
    compared: ["t"],
  },
  {
    when: "a column is altered",
    ddl: ({ dialect }) => dialect.alterColumnType("t", "w", "bigint"),
    write: "UPDATE t SET w = 5000000000 WHERE id = 2",
    named: /t.*w/,
    copied: ["t"],
    compared: ["t"],
  },
  {
    when: "a column is renamed",
    ddl: ({ dialect }) => dialect.renameColumn("t", "w", "x"),
    write: "UPDATE t SET x = 7 WHERE id = 3",
    named: /t.*[wx]/,
    copied: ["t"],
    compared: ["t"],
  },
  {
    when: "a column is dropped",
    ddl: () => "ALTER TABLE t DROP COLUMN x",
    write: "INSERT INTO t VALUES (10, 10)",
    named: /t.*x/,
    copied: ["t"],
    compared: ["t"],
  },
  {
    when: "a table is added",
    ddl: () => "CREATE TABLE n(id int NOT NULL PRIMARY KEY, v int)",
    write: "INSERT INTO n VALUES (1, 1)",
    named: /\.n\b/,
    copied: ["n"],
    compared: ["n", "t"],
  },
  {
    when: "a table is renamed",
    ddl: ({ dialect }) => dialect.renameTable("n", "m"),
    write: "INSERT INTO m VALUES (2, 2)",
    named: /\.[nm]\b/,
    copied: ["m"],
    compared: ["m"],
  },
  {
    when: "a table is dropped",
    ddl: () => "DROP TABLE m",
    write: "UPDATE t SET v = 12 WHERE id = 1",
    named: /\.m\b/,
    copied: [],
    compared: ["t"],
  },
];

const { first, last } = pieceOfCase("SPARESYNC_SCHEMA_CHANGES", changes.length);

export const schemaChange = defineCase({
  number: 14,
  title: "a change of the schema stops with its name, troubles no application, and copies only what it concerns",
  needsConcurrency: false,
  limitSeconds: 180,
  run: async (bench) => {
    await bench.both(
      "CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int); CREATE TABLE other(id int NOT NULL PRIMARY KEY)",
    );
    await bench.apps.a.run("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3); INSERT INTO other VALUES (1)");
    for (const change of changes.slice(0, first - 1)) await bench.both(change.ddl(bench));
    await bench.start();
    await bench.sync();
    for (const change of changes.slice(first - 1, last)) await goThrough(bench, change);
    if (last === changes.length) await keyChanges(bench);
  },
});

async function goThrough(bench: ConformanceBench, change: SchemaChange): Promise<void> {
  const { pair, apps, signal } = bench;
  await apps.a.run(change.ddl(bench));
  await apps.a.run(change.write);
  await apps.a.run("DELETE FROM other; INSERT INTO other VALUES (1)");
  const asked = pair.links.a.asked.length;
  const failed: unknown = await pair.parts.a.synchronise(signal).catch((error: unknown) => error);
  if (change.named) {
    expect({ when: change.when, failed }).toMatchObject({
      failed: { code: "DATABASE_SCHEMA_CHANGED", message: expect.stringMatching(change.named) },
    });
    // It is a state, not a moment: a new actor says the same.
    pair.kill("a");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "DATABASE_SCHEMA_CHANGED" });
    await apps.b.run(change.ddl(bench));
    await bench.installScripts();
    await bench.sync();
  }
  const copied = pair.links.a.asked
    .slice(change.named ? 0 : asked)
    .filter(({ kind }) => kind === "database/copy-chunk")
    .map(({ message }) => (message.fields["table"] as string).split(".").at(-1));
  expect({ when: change.when, copied: [...new Set(copied)] }).toEqual({ when: change.when, copied: change.copied });
  await bench.expectSame(...change.compared, "other");
}

/** The key is what the triggers name: changing it is what could trouble the application. */
async function keyChanges(bench: ConformanceBench): Promise<void> {
  const { pair, apps, signal, dialect } = bench;
  if (!dialect.canChangeKey) {
    console.log(`not applicable on ${bench.fixture.name}: case 14, change of a key: ${dialect.keyChangeNeeds}`);
    return;
  }
  const ddl = [
    dialect.renameColumn("t", "id", "number"),
    dialect.alterColumnType("t", "number", "bigint"),
    "CREATE TABLE wide(a int NOT NULL, b int NOT NULL, CONSTRAINT wide_key PRIMARY KEY (a))",
  ];
  for (const statement of ddl) {
    await apps.a.run(statement);
    await apps.a.run("UPDATE t SET v = v + 1; DELETE FROM t WHERE v > 1000");
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "DATABASE_SCHEMA_CHANGED" });
    await apps.b.run(statement);
    await bench.installScripts();
    await bench.sync();
    await bench.expectSame("t");
  }
  const other = "ALTER TABLE wide DROP CONSTRAINT wide_key; ALTER TABLE wide ADD PRIMARY KEY (b)";
  await apps.a.run("INSERT INTO wide VALUES (1, 10), (2, 20)");
  await bench.sync();
  await apps.a.run(other);
  await apps.a.run("UPDATE wide SET b = b + 1; INSERT INTO wide VALUES (1, 30)");
  await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "DATABASE_SCHEMA_CHANGED" });
  await apps.b.run(other);
  await bench.installScripts();
  await bench.sync();
  await bench.expectSameRows("wide", 3);
}
