import { beforeEach, describe, expect, test } from "@jest/globals";
import type { CountedSides } from "../../../actor/core/unseen-writes.js";
import { UnseenWrites, type UnseenWritesSides } from "../../../actor/database/unseen-writes.js";
import { rememberLog, type LogMemory } from "../../support/log-memory.js";
import { ManualClock } from "../../support/manual-clock.js";

/** Rows of one table as a server knows them: what is not committed is in its own counts only. */
interface TableModel {
  committed: number;
  uncommitted: number;
  journalled: number;
  target: number;
}

describe("the look for what no trigger saw", () => {
  const { signal } = new AbortController();
  let clock: ManualClock;
  let log: LogMemory;
  let unseen: UnseenWrites;
  let tables: Record<string, TableModel>;
  let exactly: (readonly string[])[];
  let verified: (readonly string[])[];

  beforeEach(() => {
    clock = new ManualClock();
    log = rememberLog();
    unseen = new UnseenWrites({ clock, log, database: "shop" });
    tables = {
      "dbo.a": { committed: 100, uncommitted: 0, journalled: 0, target: 100 },
      "dbo.b": { committed: 50, uncommitted: 0, journalled: 0, target: 50 },
    };
    exactly = [];
    verified = [];
  });

  function count(labels: readonly string[] | undefined): Promise<CountedSides> {
    if (labels) exactly.push(labels);
    const source = Object.entries(tables)
      .filter(([table]) => labels?.includes(table) ?? true)
      .map(([table, { committed, uncommitted, journalled }]) => {
        return { table, rows: committed + (labels ? 0 : uncommitted), pending: journalled };
      });
    const target = Object.fromEntries(Object.entries(tables).map(([table, each]) => [table, each.target]));
    return Promise.resolve({ source, target });
  }

  const sides: UnseenWritesSides = {
    count,
    verify: (found) => {
      verified.push(found);
      return Promise.resolve();
    },
  };

  const changed = (changes: Partial<TableModel>): void => {
    tables["dbo.a"] = { committed: 100, uncommitted: 0, journalled: 0, target: 100, ...changes };
  };

  test("verifies a truncated table, and only that one, and says so", async () => {
    changed({ committed: 0 });
    await unseen.look(sides, signal);
    expect(verified).toEqual([["dbo.a"]]);
    expect(log.lines).toEqual([
      { level: "error", event: "database-unseen-writes", fields: { database: "shop", tables: ["dbo.a"] } },
    ]);
  });

  test("finds a truncated table that was filled again with other rows", async () => {
    changed({ committed: 7, journalled: 7 });
    await unseen.look(sides, signal);
    expect(verified).toEqual([["dbo.a"]]);
  });

  test("counts nothing exactly as long as the journal explains the difference", async () => {
    changed({ committed: 90, journalled: 10 });
    await unseen.look(sides, signal);
    expect({ exactly, verified, events: log.events }).toEqual({ exactly: [], verified: [], events: [] });
  });

  test("a statement that still writes is no unseen write, and costs a count more and more seldom", async () => {
    changed({ uncommitted: 5000 });
    const countedAtSeconds: number[] = [];
    const beganMs = clock.nowMs;
    for (; clock.nowMs < beganMs + 900_000; clock.nowMs += 20_000) {
      const before = exactly.length;
      await unseen.look(sides, signal);
      if (exactly.length > before) countedAtSeconds.push((clock.nowMs - beganMs) / 1000);
    }
    expect(countedAtSeconds).toEqual([0, 60, 180, 420]);
    expect(verified).toEqual([]);
    changed({});
    await unseen.look(sides, signal);
    changed({ committed: 0 });
    await unseen.look(sides, signal);
    expect(verified).toEqual([["dbo.a"]]);
  });

  test("is due at once and then every twenty seconds, one at a time", async () => {
    expect(unseen.isDue()).toBe(true);
    const dueMeanwhile: boolean[] = [];
    changed({ committed: 0 });
    const verify = (): Promise<void> => {
      clock.nowMs += 300_000;
      dueMeanwhile.push(unseen.isDue());
      return Promise.resolve();
    };
    await unseen.look({ count, verify }, signal);
    expect(dueMeanwhile).toEqual([false]);
    await unseen.look(sides, signal);
    clock.nowMs += 19_999;
    expect(unseen.isDue()).toBe(false);
    clock.nowMs += 1;
    expect(unseen.isDue()).toBe(true);
  });

  test("takes no more than a twentieth of the time where counting takes long", async () => {
    const slowly = (labels: readonly string[] | undefined): Promise<CountedSides> => {
      clock.nowMs += 10_000;
      return count(labels);
    };
    await unseen.look({ ...sides, count: slowly }, signal);
    clock.nowMs += 189_999;
    expect(unseen.isDue()).toBe(false);
    clock.nowMs += 1;
    expect(unseen.isDue()).toBe(true);
  });

  test("a look that fails is told and made again; one that cannot be made now is not told", async () => {
    await unseen.look({ ...sides, count: () => Promise.reject(new Error("no answer")) }, signal);
    expect(log.events).toEqual(["database-unseen-writes-not-looked-for"]);
    clock.nowMs += 20_000;
    expect(unseen.isDue()).toBe(true);
    await unseen.look({ ...sides, count: () => Promise.resolve(undefined) }, signal);
    expect(log.lines).toHaveLength(1);
  });
});
