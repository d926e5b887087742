import { expect } from "@jest/globals";
import { defineCase } from "./conformance-case.js";

export const everyType = defineCase({
  number: 10,
  title: "every data type arrives exactly, with its limits, NULL, nothing and megabytes, by copy and by point",
  needsConcurrency: false,
  limitSeconds: 120,
  run: async (bench) => {
    const { ddl, statements, withoutKey } = bench.dialect.everyType;
    const [first = "", ...rest] = statements;
    await bench.both(ddl);
    if (withoutKey) await bench.both(withoutKey.ddl);
    await bench.apps.a.run(first);
    await bench.start();
    await bench.sync();
    await bench.expectSame("everything");
    for (const statement of rest) {
      await bench.apps.a.run(statement);
      await bench.sync();
      await bench.expectSame("everything");
    }
    expect((await bench.contentOf("b", "everything")).length).toBeGreaterThan(0);
    if (withoutKey) await bench.apps.a.run(withoutKey.fill);
    // Once more as a whole: what a point carried must also be right in a copy.
    await bench.pair.parts.a.reinitialise({ database: "shop", tables: undefined }, bench.signal);
    await bench.sync();
    await bench.expectSame("everything");
    if (withoutKey) await bench.expectSameRows("alike", (await bench.contentOf("a", "everything")).length);
  },
});
