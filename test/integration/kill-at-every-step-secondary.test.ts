import { afterAll, afterEach, beforeAll, test } from "@jest/globals";
import { failOverUnderKills, KillBench, switchUnderKills } from "../support/kill-bench.js";

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
  "SIGKILL of the secondary's actor at every step of both operations changes nothing in their result",
  () => switchUnderKills(bench, "secondary"),
  testLimitMs,
);

test(
  "SIGKILL of the secondary's actor at every step of a failover changes nothing in its result",
  () => failOverUnderKills(bench),
  testLimitMs,
);
