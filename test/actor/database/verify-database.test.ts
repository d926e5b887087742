import { describe, expect, test } from "@jest/globals";
import { applyAnswer, encodeAnswers } from "../../../actor/core/journal-messages.js";
import type { Cell } from "../../../actor/core/journal-wire.js";
import type { TableDefinition } from "../../../actor/core/journal-schema.js";
import { namedRows, type CheckAnswer, type RangeCheck, type RangeSum } from "../../../actor/core/verification.js";
import { AppError } from "../../../shared/core/app-error.js";
import { compareRanges } from "../../../actor/database/compare-ranges.js";
import { verifyDatabase, type VerifierIo } from "../../../actor/database/verify-database.js";
import { rememberLog } from "../../support/log-memory.js";
import { ManualClock } from "../../support/manual-clock.js";
import { MemoryLink } from "../../support/memory-link.js";

const definition = { schema: "public", name: "t", columns: [], keyColumns: ["id"] } as const satisfies TableDefinition;
const signal = new AbortController().signal;

type Row = readonly [key: number, value: number];
type Bounds = Pick<RangeSum, "after" | "upTo">;

/** A table whose rows are in the order of its key. A key may be there more than once, as an image may. */
class Rows {
  rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.rows = rows;
  }

  within({ after, upTo }: Bounds): readonly Row[] {
    return this.rows.slice(after ? this.#behind(after) : 0, upTo ? this.#behind(upTo) : undefined);
  }

  /** Place of the first row behind a key. */
  #behind(key: readonly Cell[]): number {
    const wanted = Number(key[0]);
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.rows[middle]?.[0] ?? Infinity) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  sum(bounds: Bounds): { readonly rows: number; readonly sum: string } {
    const rows = this.within(bounds);
    return { rows: rows.length, sum: String(rows.reduce((sum, [key, value]) => sum + key * 31 + value, 0)) };
  }

  hashes(bounds: Bounds): readonly (readonly Cell[])[] {
    return this.within(bounds).map(([key, value]) => [keyText(key), String(value)]);
  }

  endOf({ after, rows }: Pick<RangeCheck, "after" | "rows">): readonly Cell[] | undefined {
    const last = this.within({ after, upTo: undefined })[Math.max(1, rows) - 1];
    return last && [keyText(last[0])];
  }

  take(keys: ReadonlySet<number>, from: Rows): void {
    if (keys.size === 0) return;
    const kept = this.rows.filter(([key]) => !keys.has(key));
    this.rows = [...kept, ...from.rows.filter(([key]) => keys.has(key))].sort(([one], [other]) => one - other);
  }
}

/** As long as the keys of many applications. */
function keyText(key: number): string {
  return String(key).padStart(40, "0");
}

/** Two sides, and what goes between them over a link with the real one's limits. */
function openPair(source: Rows, target: Rows, table: TableDefinition = definition) {
  let touched = new Set<number>();
  const most = { detailed: 0, named: 0, points: 0 };
  const link = new MemoryLink();
  let sums: RangeSum[] = [];
  let theirs: readonly (readonly Cell[])[] = [];
  const own = {
    tableOf: () => ({ definition }),
    sumOf: (_: unknown, range: RangeSum) => Promise.resolve(target.sum(range)),
    endOf: (_: unknown, range: Pick<RangeCheck, "after" | "rows">) => Promise.resolve(target.endOf(range)),
    hashesOf: (_: unknown, range: RangeSum) => Promise.resolve(target.hashes(range)),
    hashesByKey: (_: unknown, keys: readonly (readonly Cell[])[]) => {
      const hashesOf = (key: Cell): string => {
        const rows = target.within({ after: [String(Number(key) - 1)], upTo: [key] });
        return rows.map(([, value]) => `${value};`).join("");
      };
      return Promise.resolve(keys.map(([key]) => hashesOf(key ?? null)));
    },
  };
  link.handlers = {
    "database/apply": async () => {
      target.take(touched, source);
      touched = new Set();
      const answers = await compareRanges(own, sums, () => Promise.resolve(theirs));
      return { fields: { outcome: "applied", answers: encodeAnswers(answers) } };
    },
  };
  const send = async (
    checks: readonly RangeCheck[],
  ): Promise<{ readonly sums: readonly RangeSum[]; readonly answers: readonly CheckAnswer[] }> => {
    most.points += 1;
    sums = checks.map((check) => {
      const upTo = check.upTo ?? source.endOf(check);
      return { ...check, upTo, ...source.sum({ after: check.after, upTo }) };
    });
    theirs = sums.filter(({ isDetailed }) => isDetailed).flatMap((range) => source.hashes(range));
    most.detailed = Math.max(most.detailed, theirs.length);
    const { answers } = applyAnswer.parse(
      (await link.ask("database/apply", { fields: {} }, { limitSeconds: 1 })).fields,
    );
    most.named = Math.max(most.named, ...answers.map(({ differences }) => differences.length));
    return { sums, answers };
  };
  const engine = {
    touchKeys: (_: TableDefinition, keys: readonly (readonly Cell[])[]) => {
      for (const key of keys[0] ?? []) touched.add(Number(key));
      return Promise.resolve();
    },
    describeKeys: (_: TableDefinition, keys: readonly (readonly Cell[])[]) => {
      const here = new Set(source.rows.map(([key]) => key));
      return Promise.resolve(
        (keys[0] ?? []).map((key) => ({ row: here.has(Number(key)) ? {} : undefined, isJournalled: false })),
      );
    },
  };
  const clock = new ManualClock();
  const log = rememberLog();
  const io = { engine, clock, log, database: "shop", tables: [table], send, readingLimitMs: undefined };
  const verify = (isRepairing: boolean, changes: Partial<VerifierIo> = {}) =>
    verifyDatabase({ ...io, onProgress: () => undefined, ...changes }, { isRepairing, loadPercent: 100 }, signal);
  return { verify, most, clock, log, send };
}

function rowsOf(count: number, value: (key: number) => number, from = 0): Rows {
  return new Rows(Array.from({ length: count }, (_, at) => [from + at, value(from + at)]));
}

const many = 40_000;
/** More than one answer could name, too. */
const fewer = 18_000;

describe("a verification", () => {
  test.each([
    { when: "differ", source: rowsOf(many, () => 1), target: rowsOf(many, () => 2), differences: many },
    {
      when: "are missing on the target",
      source: rowsOf(fewer, () => 1),
      target: rowsOf(0, () => 1),
      differences: fewer,
    },
    { when: "are on the target only", source: rowsOf(0, () => 1), target: rowsOf(fewer, () => 1), differences: fewer },
    {
      when: "are on the target only behind those of both",
      source: rowsOf(3_000, () => 1),
      target: rowsOf(fewer, () => 1),
      differences: fewer - 3_000,
    },
    {
      when: "are the one missing of many",
      source: rowsOf(fewer, () => 1),
      target: rowsOf(fewer - 1, () => 1),
      differences: 1,
    },
  ])(
    "finds and repairs $differences rows that $when",
    async ({ source, target, differences }) => {
      const { verify, most } = openPair(source, target);
      expect(await verify(false)).toMatchObject({ differences, repaired: 0 });
      expect(await verify(true)).toMatchObject({ differences, repaired: differences });
      expect(JSON.stringify(target.rows) === JSON.stringify(source.rows)).toBe(true);
      expect(await verify(false)).toMatchObject({ differences: 0 });
      expect(most.detailed).toBeLessThanOrEqual(namedRows);
      expect(most.named).toBeLessThanOrEqual(2 * namedRows);
    },
    60_000,
  );

  test("reads a table without a key once, for its ranges would read all of it each", async () => {
    const keyless = { ...definition, keyColumns: [] };
    const equal = openPair(
      rowsOf(many, () => 1),
      rowsOf(many, () => 1),
      keyless,
    );
    expect(await equal.verify(false)).toMatchObject({ rows: many, differences: 0 });
    expect(equal.most.points).toBe(1);
    const changed = openPair(
      rowsOf(many, () => 1),
      rowsOf(many, (key) => (key === 17 ? 2 : 1)),
      keyless,
    );
    expect(await changed.verify(true)).toMatchObject({ rows: many, differences: 1, repaired: 1 });
    expect(await changed.verify(false)).toMatchObject({ differences: 0 });
  });

  test("names a row of the target behind the last one of the source", async () => {
    const { verify } = openPair(
      rowsOf(10, () => 1),
      rowsOf(11, () => 1),
    );
    const { found } = await verify(false);
    expect(found).toEqual([{ table: "public.t", key: [keyText(10)], what: "only on the target" }]);
  });

  test("names rows that are all equal at once, for no key parts them", async () => {
    const equal = (count: number): Rows => new Rows(Array.from({ length: count }, () => [7, 1]));
    const [source, target] = [equal(5_000), equal(4_999)];
    const { verify } = openPair(source, target);
    expect(await verify(true)).toMatchObject({ differences: 1, repaired: 1 });
    expect(target.rows.length).toBe(5_000);
  });

  describe("of tables of which one has no key", () => {
    const limitMs = 100_000;
    const keyless = { ...definition, name: "large", keyColumns: [] };

    /** What comes of it when the point that compares the table without a key fails so. */
    function verifyWith(fail: (clock: ManualClock, check: RangeCheck) => Error) {
      const { verify, clock, log, send } = openPair(
        rowsOf(fewer, () => 1),
        rowsOf(fewer, () => 1),
      );
      const asked: RangeCheck[] = [];
      const result = verify(false, {
        readingLimitMs: limitMs,
        tables: [keyless, definition],
        send: (checks) => {
          const [check] = checks;
          if (check) asked.push(check);
          return check?.table === "public.large" ? Promise.reject(fail(clock, check)) : send(checks);
        },
      });
      return { result, asked, log };
    }

    test.each<{ when: string; fail: (clock: ManualClock) => Error }>([
      {
        when: "the source has read it for as long as points may wait",
        fail: () => new AppError("DEADLINE_EXCEEDED", "the point gave nothing"),
      },
      {
        when: "the target does not answer in time",
        fail: (clock) => {
          clock.nowMs += limitMs + 1;
          return new AppError("PEER_UNREACHABLE", "no answer");
        },
      },
    ])("names it and verifies the others, when $when", async ({ fail }) => {
      const { result, asked, log } = verifyWith(fail);
      expect(await result).toMatchObject({ rows: fewer, differences: 0, unverified: ["public.large"] });
      expect(asked.filter(({ table }) => table === "public.large").map((check) => check.limitMs)).toEqual([limitMs]);
      expect(asked.filter(({ table }) => table === "public.t").map((check) => check.limitMs)).not.toContain(limitMs);
      expect(log.lines).toMatchObject([
        {
          level: "warn",
          event: "database-table-not-verified",
          fields: { table: "public.large", because: "too large for one reading", hint: "add a key or exclude it" },
        },
      ]);
    });

    test("is broken off where the link is lost", async () => {
      const { result } = verifyWith(() => new AppError("PEER_UNREACHABLE", "no answer"));
      await expect(result).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    });
  });
});
