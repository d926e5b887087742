import { expect } from "@jest/globals";
import { insertRows } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";

export const withoutATrace = defineCase({
  number: 20,
  title:
    "installing and removing leaves no trace, a login that only writes goes on, and a full journal troubles nobody",
  needsConcurrency: false,
  limitSeconds: 120,
  run: async (bench) => {
    const { dialect, apps, signal, fixture } = bench;
    await bench.both(`CREATE TABLE t(id int ${dialect.identity(1, 1)} PRIMARY KEY, v int); CREATE TABLE keyless(v int);
      CREATE TABLE log(id int NOT NULL, n int ${dialect.identity(1, 1)} PRIMARY KEY)`);
    await apps.a.run(dialect.logTrigger("t", "log"));
    await apps.b.run(dialect.logTrigger("t", "log"));
    const before = await dialect.describeCatalogue(apps.a);
    const writer = await dialect.connectLowPrivileged?.(0);
    const open = fixture.isConcurrent ? await bench.connect("a") : undefined;
    await open?.run("BEGIN TRANSACTION; INSERT INTO t(v) VALUES (100)");
    // The installation waits for the open transaction; others go on meanwhile, and its row is not missed.
    const starting = bench.start();
    if (open) {
      await apps.a.run("INSERT INTO keyless VALUES (1)");
      await open.run("COMMIT");
    }
    await starting;
    await writer?.run("INSERT INTO t(v) VALUES (200); UPDATE t SET v = v + 1; INSERT INTO keyless VALUES (2)");
    await writer?.close();
    await bench.sync();
    await bench.expectSame("t", "keyless", "log");
    expect((await bench.contentOf("b", "t")).length).toBe((open ? 1 : 0) + (writer ? 1 : 0));

    await bench.change({ journalLimitBytes: 65_536 });
    await bench.start();
    await bench.sync();
    for (const insert of insertRows(
      "t",
      "v",
      Array.from({ length: 6000 }, (_, v) => `(${v})`),
    ))
      await apps.a.run(insert);
    bench.pair.links.a.faultOf = () => "lost";
    await expect(bench.pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "REINITIALISATION_REQUIRED" });
    await apps.a.run("INSERT INTO t(v) VALUES (7)");
    expect(await (await bench.engineInUse("a")).journalSize(signal)).toMatchObject({ rows: 0 });
    bench.pair.links.a.faultOf = () => "none";
    await bench.sync();
    await bench.expectSame("t", "keyless", "log");

    // Nobody removes them beneath a running actor, which would put them back.
    await Promise.all([bench.pair.parts.a.close(), bench.pair.parts.b.close()]);
    for (const side of ["a", "b"] as const) await (await bench.engineAsIs(side)).remove(signal);
    expect(await dialect.describeCatalogue(apps.a)).toEqual(before);
    expect(await dialect.describeCatalogue(apps.b)).toEqual(before);
    await apps.b.run("INSERT INTO keyless VALUES (1)");
  },
});
