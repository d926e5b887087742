import { expect } from "@jest/globals";
import { insertRows } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";

/** Updates in all; SPARESYNC_SIMULTANEOUS_UPDATES asks for more than a quick run has. */
const updates = Number(process.env["SPARESYNC_SIMULTANEOUS_UPDATES"] ?? 6000);
const clients = 50;
const rows = 2000;

export const simultaneousStarts = defineCase({
  number: 2,
  title: "transactions of fifty clients that begin in the same microsecond all arrive",
  needsConcurrency: true,
  limitSeconds: 120 + updates / 100,
  run: async (bench) => {
    await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL)");
    for (const insert of insertRows(
      "t",
      "id, v",
      Array.from({ length: rows }, (_, id) => `(${id}, 0)`),
    )) {
      await bench.apps.a.run(insert);
    }
    await bench.pair.parts.b.setRole({ role: "target", epoch: 1 });
    await bench.pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
    const sessions = await Promise.all(Array.from({ length: clients }, () => bench.connect("a")));
    await Promise.all(
      sessions.map(async (session, client) => {
        // Each client has keys of its own: no two wait for one another, so that all are under way at once.
        for (let n = 0; n < updates / clients; n += 1) {
          const id = ((n * clients + client) * 7) % rows;
          await session.run(`UPDATE t SET v = v + 1 WHERE id = ${id - (id % clients) + client}`);
        }
      }),
    );
    await bench.sync();
    await bench.expectSameRows("t", rows);
    const [[sum] = []] = await bench.apps.b.rows("SELECT SUM(v) FROM t");
    expect(Number(sum)).toBe(Math.ceil(updates / clients) * clients);
  },
});
