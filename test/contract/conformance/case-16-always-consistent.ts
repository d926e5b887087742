import { expect } from "@jest/globals";
import { SeededRandom } from "../../simulation/seeded-random.js";
import { insertRows } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";
import { until } from "../../support/until.js";

/** How often the target is looked at; SPARESYNC_SAMPLES asks for more than a quick run has. */
const samples = Number(process.env["SPARESYNC_SAMPLES"] ?? 1000);
const accounts = 200;

export const alwaysConsistent = defineCase({
  number: 16,
  title: "the target shows a state that existed on the source at every instant",
  needsConcurrency: true,
  limitSeconds: 120,
  run: async (bench) => {
    const { dialect, pair } = bench;
    await bench.both(
      "CREATE TABLE account(id int NOT NULL PRIMARY KEY, balance int NOT NULL); CREATE TABLE move(id int NOT NULL PRIMARY KEY, amount int NOT NULL)",
    );
    for (const insert of insertRows(
      "account",
      "id, balance",
      Array.from({ length: accounts }, (_, id) => `(${id}, 100)`),
    )) {
      await bench.apps.a.run(insert);
    }
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
    await until(() => pair.parts.b.status()[0]?.isComplete === true, 30_000);
    const isOver = { value: false };
    const writer = await bench.connect("a");
    const writing = (async () => {
      const random = new SeededRandom(16);
      for (let id = 0; !isOver.value; id += 1) {
        const amount = Math.floor(random.next() * 50);
        const from = Math.floor(random.next() * accounts);
        const to = Math.floor(random.next() * accounts);
        await writer.run(`BEGIN TRANSACTION; UPDATE account SET balance = balance - ${amount} WHERE id = ${from};
          UPDATE account SET balance = balance + ${amount} WHERE id = ${to}; INSERT INTO move VALUES (${id}, ${amount}); COMMIT`);
      }
    })();
    const seen = new Set<string>();
    try {
      for (let sample = 0; sample < samples; sample += 1) {
        await bench.apps.b.run(dialect.beginSnapshot);
        const [[sum, count] = []] = await bench.apps.b.rows("SELECT SUM(balance), COUNT(*) FROM account");
        const [[moves] = []] = await bench.apps.b.rows("SELECT COUNT(*) FROM move");
        await bench.apps.b.run("COMMIT");
        expect([Number(sum), Number(count)]).toEqual([accounts * 100, accounts]);
        seen.add(String(moves));
      }
      // The looks were spread over states, not all at the same one.
      await until(async () => Number((await bench.apps.b.rows("SELECT COUNT(*) FROM move"))[0]?.[0]) > 10);
    } finally {
      isOver.value = true;
      await writing;
    }
    expect(seen.size).toBeGreaterThan(3);
    await bench.sync();
    await bench.expectSame("account", "move");
  },
});
