import { expect, test } from "@jest/globals";
import { serverNames } from "../../shared/core/server-name.js";
import { runInThread } from "./run-in-thread.js";

const worker = new URL("./killed-switchover-worker.js", import.meta.url);

test.each(serverNames)(
  "the %s, killed at any of its effects during a switchover to the secondary, changes nothing of its result",
  async (killed) => {
    const seen: unknown[] = [];
    await runInThread(worker, { kind: "switch-to-secondary", killed }, (result) => seen.push(result));
    // The application and its data take far more than 20 effects on either side.
    expect(seen).toEqual([{ failures: [], effects: expect.any(Number) }]);
    expect((seen[0] as { effects: number }).effects).toBeGreaterThan(20);
  },
  200_000,
);
