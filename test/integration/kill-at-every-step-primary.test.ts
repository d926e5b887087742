import { afterAll, afterEach, beforeAll, test } from "@jest/globals";
import { KillBench, switchUnderKills } from "../support/kill-bench.js";

const testLimitMs = 1_800_000;

let bench: KillBench;
beforeAll(async () => {
  bench = await KillBench.set();
}, 120_000);
afterEach(async () => {
  await bench.takeDown();
}, 120_000);
afterAll(async () => {
  await bench.end();
});

test(
  "SIGKILL of the primary's actor at every step of both operations changes nothing in their result",
  () => switchUnderKills(bench, "primary"),
  testLimitMs,
);
