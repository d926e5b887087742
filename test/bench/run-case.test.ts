import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BenchCase, ours, type Sample } from "../../bench/bench.js";
import { runCase } from "../../bench/run-case.js";
import { makeTemporaryFolder, removeTree } from "../support/file-tree.js";

let folder: string;
beforeEach(() => {
  folder = makeTemporaryFolder();
});
afterEach(() => {
  removeTree(folder);
});

interface Script {
  readonly goals?: BenchCase["goals"];
  readonly missing?: Readonly<Record<string, string>>;
  readonly measure: (contender: string, isWatched: boolean) => Sample;
  readonly watchedMeasures?: readonly string[];
}

function makeCase({ goals = twoPeers, missing = {}, measure, ...rest }: Script) {
  const measured: string[] = [];
  let closed = 0;
  const bench: BenchCase = {
    name: "sample",
    title: "a sample",
    goals,
    missing: (contender) => missing[contender],
    open: () =>
      Promise.resolve({
        measure: (contender, isWatched) => {
          measured.push(isWatched ? `watched ${contender}` : contender);
          return new Promise((resolve) => {
            resolve(measure(contender, isWatched));
          });
        },
        close: () => {
          closed += 1;
          return Promise.resolve();
        },
      }),
    ...rest,
  };
  return { bench, measured, closed: () => closed };
}

const twoPeers = [
  { measure: "seconds", unit: "s", peer: "one", target: 1 },
  { measure: "seconds", unit: "s", peer: "other", target: 0.5 },
] as const;
const options = (rounds: number, peers: readonly string[] = []) => ({
  rounds,
  peers,
  scale: 1,
  folder: join(folder, "disk"),
  memoryFolder: join(folder, "memory"),
  note: () => undefined,
});

describe("a case of a bench", () => {
  test("is measured in rounds, each beginning with another contender, and leaves nothing behind", async () => {
    const { bench, measured, closed } = makeCase({ measure: () => ({ seconds: 1 }) });
    await runCase(bench, options(3));
    expect(measured).toEqual([ours, "one", "other", "one", "other", ours, "other", ours, "one"]);
    expect(closed()).toBe(1);
    expect(existsSync(join(folder, "disk", "sample"))).toBe(false);
  });

  test("compares the medians of the rounds with the target of each peer", async () => {
    const seconds: Record<string, number[]> = { [ours]: [9, 2, 1], one: [2, 2, 2], other: [2, 4, 100] };
    const { bench } = makeCase({ measure: (contender) => ({ seconds: seconds[contender]!.shift()! }) });
    const results = await runCase(bench, options(3));
    expect(results.map(({ ours, theirs, ratio, met }) => ({ ours, theirs, ratio, met }))).toEqual([
      { ours: 2, theirs: 2, ratio: 1, met: true },
      { ours: 2, theirs: 4, ratio: 0.5, met: true },
    ]);
  });

  test("misses a target by the smallest excess", async () => {
    const { bench } = makeCase({ measure: (contender) => ({ seconds: contender === ours ? 1.01 : 1 }) });
    const [result] = await runCase(bench, options(1));
    expect(result).toMatchObject({ ratio: 1.01, met: false });
  });

  test("a limit without a peer is compared with our own figure", async () => {
    const goals = [
      { measure: "bytes", unit: "bytes", peer: "none", target: 10 },
      { measure: "bytes", unit: "bytes", peer: "none", target: 9 },
    ] as const;
    const { bench } = makeCase({ goals, measure: () => ({ bytes: 10 }) });
    const results = await runCase(bench, options(1));
    expect(results.map(({ met, theirs, ratio }) => ({ met, theirs, ratio }))).toEqual([
      { met: true, theirs: null, ratio: null },
      { met: false, theirs: null, ratio: null },
    ]);
  });

  test("something against nothing is never met, nothing against nothing is equal", async () => {
    const lost = makeCase({ measure: (contender) => ({ seconds: contender === ours ? 1 : 0 }) });
    expect((await runCase(lost.bench, options(1)))[0]).toMatchObject({ met: false, ratio: null });
    const none = makeCase({ measure: () => ({ seconds: 0 }) });
    expect((await runCase(none.bench, options(1)))[0]).toMatchObject({ met: true, ratio: 1 });
  });

  test("a peer that is not there is not met and says why; the others are measured", async () => {
    const { bench, measured } = makeCase({
      missing: { one: "one is not installed" },
      measure: () => ({ seconds: 1 }),
    });
    const [one, other] = await runCase(bench, options(1));
    expect(one).toMatchObject({ met: false, why: "one is not installed", theirs: null });
    expect(other).toMatchObject({ ratio: 1 });
    expect(other).not.toHaveProperty("why");
    expect(measured).not.toContain("one");
  });

  test("a contender that fails once is not tried again, and its goals say why", async () => {
    const { bench, measured, closed } = makeCase({
      measure: (contender) => {
        if (contender === "one") throw new Error("it broke");
        return { seconds: 0.1 };
      },
    });
    const [one, other] = await runCase(bench, options(2));
    expect(one).toMatchObject({ met: false, why: "it broke" });
    expect(other?.why).toBeUndefined();
    expect(measured.filter((name) => name === "one")).toHaveLength(1);
    expect(closed()).toBe(1);
  });

  test("when the product itself fails, no goal is met", async () => {
    const { bench } = makeCase({
      measure: (contender) => {
        if (contender === ours) throw new Error("lost files");
        return { seconds: 1 };
      },
    });
    expect(await runCase(bench, options(1))).toMatchObject([{ met: false, why: "lost files" }, { met: false }]);
  });

  test("what slows down is measured in one round of its own, and its seconds count for nothing", async () => {
    const goals = [
      { measure: "wireBytes", unit: "bytes", peer: "one", target: 1 },
      { measure: "seconds", unit: "s", peer: "one", target: 1 },
    ] as const;
    const { bench, measured } = makeCase({
      goals,
      watchedMeasures: ["wireBytes"],
      measure: (contender, isWatched) =>
        isWatched ? { wireBytes: contender === ours ? 5 : 10, seconds: 99 } : { seconds: 1 },
    });
    const [bytes, seconds] = await runCase(bench, options(2));
    expect(measured.slice(-2)).toEqual([`watched ${ours}`, "watched one"]);
    expect(bytes).toMatchObject({ ours: 5, theirs: 10, ratio: 0.5 });
    expect(seconds).toMatchObject({ ours: 1, theirs: 1 });
  });

  test("only the peers asked for are measured", async () => {
    const { bench, measured } = makeCase({ measure: () => ({ seconds: 1 }) });
    const results = await runCase(bench, options(1, ["other"]));
    expect(measured).toEqual([ours, "other"]);
    expect(results.map(({ peer }) => peer)).toEqual(["other"]);
  });
});
