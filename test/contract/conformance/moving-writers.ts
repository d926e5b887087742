import { SeededRandom } from "../../simulation/seeded-random.js";
import type { ApplicationSession } from "./conformance-fixture.js";

/**
 * Writes to `t(id, v)` until told to stop: moves keys over the whole range, deletes, inserts, updates, rolls back.
 * Resolves to the number of transactions. A collision with another writer ends one transaction, not the writing.
 */
export async function writeMoves(
  session: ApplicationSession,
  range: number,
  seed: number,
  isOver: { readonly value: boolean },
): Promise<number> {
  const random = new SeededRandom(seed + 1);
  const anyId = (): number => Math.floor(random.next() * range);
  let count = 0;
  while (!isOver.value) {
    const id = anyId();
    const moved = anyId();
    const work = [
      `UPDATE t SET id = ${moved + range} WHERE id = ${id}`,
      `UPDATE t SET id = ${moved} WHERE id = ${moved + range}`,
      `DELETE FROM t WHERE id = ${id}`,
      `INSERT INTO t VALUES (${id + 2 * range}, ${count})`,
      `UPDATE t SET v = v + 1 WHERE id BETWEEN ${id} AND ${id + 10}`,
    ];
    const first = work[Math.floor(random.next() * work.length)] ?? "";
    const second = work[Math.floor(random.next() * work.length)] ?? "";
    const end = random.next() < 0.15 ? "ROLLBACK" : "COMMIT";
    try {
      await session.run(`BEGIN TRANSACTION; ${first}; ${second}`);
      await session.run(end);
      count += 1;
    } catch {
      await session.run("ROLLBACK").catch(() => undefined);
    }
  }
  return count;
}
