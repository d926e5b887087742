import { expect } from "@jest/globals";
import { SeededRandom } from "../../simulation/seeded-random.js";
import { type ConformanceBench } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";
import type { ApplicationSession } from "./conformance-fixture.js";

/** Steps of the random interleaving; SPARESYNC_INTERLEAVINGS asks for more than a quick run has. */
const steps = Number(process.env["SPARESYNC_INTERLEAVINGS"] ?? 400);
const keysPerSession = 40;

export const longTransaction = defineCase({
  number: 1,
  title: "a transaction that began first and commits last loses nothing, and nothing comes early",
  needsConcurrency: true,
  limitSeconds: 60 + steps / 10,
  run: async (bench) => {
    await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL)");
    await bench.start();
    await firstCommitsLast(bench);
    await interleaveAtRandom(bench);
  },
});

async function firstCommitsLast(bench: ConformanceBench): Promise<void> {
  const late = await bench.connect("a");
  await late.run("BEGIN TRANSACTION; INSERT INTO t VALUES (-1, 1)");
  await bench.apps.a.run("INSERT INTO t VALUES (-2, 2)");
  await bench.sync();
  expect((await bench.contentOf("b", "t")).length).toBe(1);
  await late.run("COMMIT");
  await bench.sync();
  await bench.expectSameRows("t", 2);
}

/** Four sessions and the synchronisation take turns as the seed says; after each point the target is what was committed. */
async function interleaveAtRandom(bench: ConformanceBench): Promise<void> {
  const random = new SeededRandom(1);
  const sessions = await Promise.all([0, 1, 2, 3].map(() => bench.connect("a")));
  const isOpen = sessions.map(() => false);
  const write = async (session: ApplicationSession, at: number): Promise<void> => {
    const id = at * keysPerSession + Math.floor(random.next() * keysPerSession);
    const kind = random.next();
    if (kind < 0.5) await session.run(`UPDATE t SET v = v + 1 WHERE id = ${id}`);
    else if (kind < 0.7) await session.run(`DELETE FROM t WHERE id = ${id}`);
    else
      await session.run(
        `DELETE FROM t WHERE id = ${id}; INSERT INTO t VALUES (${id}, ${Math.floor(random.next() * 99)})`,
      );
  };
  for (let step = 0; step < steps; step += 1) {
    const at = Math.floor(random.next() * sessions.length);
    const session = sessions[at]!;
    const choice = random.next();
    if (choice < 0.1) {
      await bench.sync();
      await bench.expectSame("t");
    } else if (!isOpen[at]) {
      await session.run("BEGIN TRANSACTION");
      isOpen[at] = true;
    } else if (choice < 0.75) await write(session, at);
    else {
      await session.run(choice < 0.9 ? "COMMIT" : "ROLLBACK");
      isOpen[at] = false;
    }
  }
  for (const [at, session] of sessions.entries()) if (isOpen[at]) await session.run("COMMIT");
  await bench.sync();
  await bench.expectSame("t");
}
