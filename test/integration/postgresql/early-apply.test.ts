import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import type { LinkFault } from "../../support/memory-link.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

const signal = new AbortController().signal;
/** Several messages, and more than the target collects before it writes. */
const rows = 30_000;
const filler = "repeat('x', 60)";

describe("a point of several messages", () => {
  let fixture: DatabaseFixture;
  let pair: DatabasePair;

  beforeAll(async () => {
    fixture = await startPostgresqlFixture();
  }, 120_000);
  afterAll(async () => {
    await fixture.close();
  });
  beforeEach(async () => {
    pair = await DatabasePair.open(fixture);
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, u int UNIQUE, v text)");
    await pair.apps.a.query(`INSERT INTO t SELECT g, g, ${filler} FROM generate_series(1, ${rows}) g`);
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.parts.a.synchronise(signal);
  }, 120_000);
  afterEach(async () => {
    await pair.close();
  });

  /** Locks that our transaction has on the table of the target. */
  async function locks(): Promise<readonly string[]> {
    const { rows: held } = await pair.apps.b.query<{ mode: string }>(
      `SELECT DISTINCT l.mode FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE a.application_name = 'sparesync' AND l.relation = 't'::regclass`,
    );
    return held.map(({ mode }) => mode);
  }

  /** Sends a point; resolves when the word to apply it is held up, with what lets it go on. */
  async function heldBeforeApply(): Promise<{ readonly goOn: () => void; readonly sent: Promise<unknown> }> {
    let goOn = (): void => undefined;
    const isHeld = new Promise<void>((resolve) => {
      const released = new Promise<void>((release) => {
        goOn = release;
      });
      pair.links.a.faultOf = async (kind): Promise<LinkFault> => {
        if (kind === "database/apply") {
          resolve();
          await released;
        }
        return "none";
      };
    });
    const sent = pair.parts.a.synchronise(signal).catch((error: unknown) => error);
    await isHeld;
    return { goOn, sent };
  }

  async function changedOnTarget(): Promise<number> {
    const { rows: counted } = await pair.apps.b.query<{ n: string }>("SELECT count(*) AS n FROM t WHERE v LIKE 'new%'");
    return Number(counted[0]?.n);
  }

  const same = (): Promise<void> =>
    pair.expectSame((target, source) => {
      expect(target).toEqual(source);
    }, "t");

  test("is written while it arrives, seen by nobody before the word to apply it", async () => {
    await pair.apps.a.query(`UPDATE t SET v = 'new' || ${filler}`);
    const { goOn, sent } = await heldBeforeApply();
    await until(async () => (await locks()).includes("RowExclusiveLock"));
    expect(await changedOnTarget()).toBe(0);
    goOn();
    expect(await sent).toMatchObject({ changesSent: rows });
    await same();
    expect(await locks()).toEqual([]);
  }, 120_000);

  test("is given up for an operation of the target, which waits for no source", async () => {
    await pair.apps.a.query(`UPDATE t SET v = 'new' || ${filler}; DELETE FROM t WHERE id <= 10`);
    const { goOn, sent } = await heldBeforeApply();
    await until(async () => (await locks()).includes("RowExclusiveLock"));
    const startedAtMs = performance.now();
    await pair.parts.b.raiseEpoch(2, signal);
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
    expect(await locks()).toEqual([]);
    await pair.parts.b.promote(2, signal);
    expect(await changedOnTarget()).toBe(0);
    goOn();
    expect(await sent).toBeInstanceOf(Error);
    expect(await changedOnTarget()).toBe(0);
    // What had arrived is journalled on the new source, and so nothing of it stays different.
    await pair.parts.b.setRole({ role: "source", epoch: 2, continuous: false });
    await pair.parts.a.setRole({ role: "target", epoch: 2 });
    pair.links.b.faultOf = () => "none";
    await pair.parts.b.synchronise(signal);
    await same();
    expect(await contentOf(pair.apps.a, "t")).toHaveLength(rows);
  }, 120_000);

  test("is sent again by a source whose word was lost", async () => {
    await pair.apps.a.query(`UPDATE t SET v = 'new' || ${filler}`);
    let lost = 0;
    pair.links.a.faultOf = (kind) => {
      if (kind !== "database/apply" || lost > 0) return "none";
      lost += 1;
      return "lost";
    };
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    // The next question of the source ends what was begun, and does not wait until its silence would.
    const startedAtMs = performance.now();
    await pair.parts.a.synchronise(signal);
    expect(performance.now() - startedAtMs).toBeLessThan(8_000);
    await same();
    expect(lost).toBe(1);
  }, 120_000);

  test("of which a part has come leaves nothing behind for a point of nothing", async () => {
    await pair.apps.a.query(`UPDATE t SET v = 'new' || ${filler}`);
    let stages = 0;
    pair.links.a.faultOf = (kind) => (kind === "database/stage" && (stages += 1) > 1 ? "lost" : "none");
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    const staged = pair.links.a.asked.find(({ kind }) => kind === "database/stage")?.message.fields ?? {};
    pair.links.a.faultOf = () => "none";
    const ofNothing = { attempt: "of-nothing", total: 0, seq: 0, lengths: [], ranges: [], isCompressed: false };
    const startedAtMs = performance.now();
    const answer = await pair.links.a.ask(
      "database/apply",
      { fields: { ...staged, ...ofNothing } },
      { limitSeconds: 30 },
    );
    expect(answer.fields).toMatchObject({ outcome: "applied" });
    expect(performance.now() - startedAtMs).toBeLessThan(8_000);
    expect(await changedOnTarget()).toBe(0);
  }, 120_000);

  test("that changes every row, of which a few go, leaves none of these behind", async () => {
    await pair.apps.a.query(`UPDATE t SET v = 'new' || ${filler}`);
    await pair.apps.a.query("DELETE FROM t WHERE id % 3000 = 0");
    await pair.parts.a.synchronise(signal);
    expect(await contentOf(pair.apps.b, "t")).toHaveLength(rows - 10);
    await same();
  }, 120_000);

  test("whose rows have swapped unique values is written all the same", async () => {
    // One statement may not swap them here, for the constraint is looked at row by row.
    await pair.apps.a.query(`UPDATE t SET u = -u; UPDATE t SET u = ${rows + 1} + u, v = 'new' || ${filler}`);
    const { goOn, sent } = await heldBeforeApply();
    goOn();
    expect(await sent).toMatchObject({ changesSent: rows });
    await same();
  }, 120_000);

  test("that begins by emptying a table keeps no reader of it waiting", async () => {
    await pair.apps.a.query(`TRUNCATE t; INSERT INTO t SELECT g, g, ${filler} FROM generate_series(1, ${rows}) g`);
    const { goOn, sent } = await heldBeforeApply();
    // As long as the target would need to begin.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await locks()).toEqual([]);
    expect(await contentOf(pair.apps.b, "t")).toHaveLength(rows);
    goOn();
    await sent;
    await same();
  }, 120_000);

  test("that names most rows of a table is read by one look at the table, not by one for each row", async () => {
    const scans = async (): Promise<{ readonly seq: number; readonly idx: number }> => {
      const { rows: counted } = await pair.apps.a.query<{ seq: string; idx: string }>(
        "SELECT seq_scan AS seq, idx_scan AS idx FROM pg_stat_user_tables WHERE relname = 't'",
      );
      return { seq: Number(counted[0]?.seq), idx: Number(counted[0]?.idx) };
    };
    await pair.apps.a.query(`ANALYZE t; UPDATE t SET v = 'new' || ${filler}; DELETE FROM t WHERE id % 2 = 0`);
    await pair.apps.a.query("SELECT pg_stat_force_next_flush()").catch(() => undefined);
    const before = await scans();
    await pair.parts.a.synchronise(signal);
    await same();
    // The server counts what a session did at most once a second.
    await until(async () => {
      await pair.parts.a.synchronise(signal);
      return (await scans()).seq > before.seq;
    });
    expect((await scans()).idx - before.idx).toBeLessThan(1_000);
  }, 120_000);
});
