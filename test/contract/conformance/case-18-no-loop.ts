import { expect } from "@jest/globals";
import { defineCase } from "./conformance-case.js";

const swaps = 20;

export const noLoop = defineCase({
  number: 18,
  title: "what is applied is not journalled again, and roles swapped twenty times lose nothing",
  needsConcurrency: false,
  limitSeconds: 180,
  run: async (bench) => {
    await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL)");
    await bench.start();
    await bench.apps.a.run("INSERT INTO t VALUES (1, 0), (2, 0)");
    await bench.sync();
    expect(await (await bench.engine("b")).countPending(10, bench.signal)).toBe(0);
    for (let swap = 1; swap <= swaps; swap += 1) {
      const active = swap % 2 === 1 ? "b" : "a";
      await bench.switchTo(active, swap + 1);
      await bench.apps[active].run(`UPDATE t SET v = v + 1 WHERE id = 1; INSERT INTO t VALUES (${swap + 10}, ${swap})`);
    }
    await bench.sync("a");
    await bench.expectSameRows("t", 2 + swaps);
    expect(await bench.contentOf("b", "t")).toContainEqual(expect.stringContaining(String(swaps)));
    expect(await bench.pair.divergence("a")).toEqual([]);
    expect(await bench.pair.divergence("b")).toEqual([]);
    const copies = [bench.pair.links.a, bench.pair.links.b].map((link) => link.count("database/copy-begin"));
    expect(copies).toEqual([1, 0]);
  },
});
