import { expect, test } from "@jest/globals";
import { runWithKills } from "../../support/kill-run.js";

/** SPARESYNC_KILL_RUN_SECONDS asks for more than a quick run has; SPARESYNC_KILL_RUN_SEED repeats one. */
const seconds = Number(process.env["SPARESYNC_KILL_RUN_SECONDS"] ?? 12);
const seed = Number(process.env["SPARESYNC_KILL_RUN_SEED"] ?? 1);

test(
  "random transactions, with actors and servers killed at random, leave both databases identical",
  async () => {
    const options = { seed, seconds, writers: 4, restEverySeconds: 60 };
    const result = await runWithKills({
      ...options,
      report: (line) => {
        if (seconds > 60) console.error(line);
      },
    });
    expect(result).toMatchObject({ differences: [], lost: 0, doubled: 0, ended: [] });
    expect(result.transactions).toBeGreaterThan(0);
    expect(Object.values(result.kills).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(2);
  },
  seconds * 1000 + 240_000,
);
