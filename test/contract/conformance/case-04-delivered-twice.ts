import { expect } from "@jest/globals";
import { defineCase } from "./conformance-case.js";

export const deliveredTwice = defineCase({
  number: 4,
  title: "a point delivered twice or out of order is refused or changes nothing",
  needsConcurrency: false,
  limitSeconds: 60,
  run: async (bench) => {
    // Each batch travels alone: otherwise a point as small as these is one message.
    await bench.change({ batchRows: 10 });
    const { pair, signal } = bench;
    await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL)");
    await bench.start();
    await bench.apps.a.run("INSERT INTO t VALUES (1, 1)");
    await bench.sync();
    await bench.apps.a.run("UPDATE t SET id = 2, v = 2");
    await bench.sync();
    await bench.apps.a.run("UPDATE t SET id = 3, v = 3");
    await bench.sync();
    const old = pair.links.a.asked.filter(({ kind }) => kind === "database/stage" || kind === "database/apply");
    expect(old.length).toBeGreaterThanOrEqual(5);
    const before = (await bench.engine("b").then((engine) => engine.readState(signal))).applied;
    // Every message once more: in its order, then the newest first.
    for (const { kind, message } of [...old, ...old.toReversed()]) {
      await pair.links.a.ask(kind, message, { limitSeconds: 5, signal }).catch((error: unknown) => {
        expect(error).toMatchObject({ code: "PEER_REFUSED" });
      });
    }
    const after = (await bench.engine("b").then((engine) => engine.readState(signal))).applied;
    expect({ ...after, completeUpToMs: 0 }).toEqual({ ...before, completeUpToMs: 0 });
    expect(await bench.contentOf("b", "t")).toEqual(await bench.contentOf("a", "t"));
    await bench.apps.a.run("UPDATE t SET v = 4");
    await bench.sync();
    await bench.expectSameRows("t", 1);
  },
});
