import { expect, test } from "@jest/globals";
import { createDatabaseTasks } from "../../../actor/database/run-tasks.js";
import type { OperatorAct } from "../../../shared/core/event-record.js";
import { rememberLog } from "../../support/log-memory.js";
import { loopbackClock } from "../../support/loopback-clock.js";
import { until } from "../../support/until.js";

const report = { isComplete: true, tables: 1, rows: 5, differences: 1, repaired: 1, unverified: [], found: [] };

function tasksOf(verify: (signal: AbortSignal) => Promise<typeof report>) {
  const asked: unknown[] = [];
  const acts: OperatorAct[] = [];
  const tasks = createDatabaseTasks({
    databases: [{ name: "shop" }, { name: "blog" }],
    sync: {
      verify: (request, signal) => {
        asked.push(request);
        return verify(signal);
      },
      reinitialise: (request) => Promise.resolve(void asked.push(request)),
      declareSame: () => Promise.reject(new Error("synchronisation is turned on")),
    },
    clock: loopbackClock,
    log: rememberLog(),
    recordAct: (act) => void acts.push(act),
  });
  return { tasks, asked, acts };
}

test("runs a task in the background and keeps what it found", async () => {
  const { tasks, asked, acts } = tasksOf(() => Promise.resolve(report));
  expect(tasks.last("shop")).toBeUndefined();
  expect(tasks.begin("shop", { task: "verify", isRepairing: true }, "olga")).toMatchObject({ state: "running" });
  await until(() => tasks.last("shop")?.state === "done");
  expect(tasks.last("shop")).toMatchObject({ requestedBy: "olga", verification: { rows: 5, differences: 1 } });
  expect(asked).toEqual([{ database: "shop", isRepairing: true }]);
  const act = { who: "olga", why: "verify and repair the database", subject: "shop" };
  expect(acts).toEqual([
    { ...act, result: "begun" },
    { ...act, result: "done: 1 differences" },
  ]);
});

test("says why a task failed", async () => {
  const { tasks, acts } = tasksOf(() => Promise.resolve(report));
  tasks.begin("shop", { task: "fix-sync-state", isVerified: true }, "olga");
  await until(() => tasks.last("shop")?.state === "failed");
  expect(tasks.last("shop")?.because).toBe("synchronisation is turned on");
  expect(acts.at(-1)).toMatchObject({ who: "olga", result: "failed: synchronisation is turned on" });
});

test("runs one task at a time for each database, and breaks it off at the end", async () => {
  const { tasks } = tasksOf(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reject(new Error("broken off"));
        });
      }),
  );
  tasks.begin("shop", { task: "verify", isRepairing: false }, "olga");
  expect(() => tasks.begin("shop", { task: "reinitialise" }, "olga")).toThrow(
    expect.objectContaining({ code: "OPERATION_RUNNING" }),
  );
  tasks.begin("blog", { task: "reinitialise" }, "olga");
  await tasks.close();
  expect(tasks.last("shop")).toMatchObject({ state: "failed", because: "broken off" });
  expect(tasks.last("blog")).toMatchObject({ state: "done" });
});

test("knows the databases of the settings only", () => {
  const { tasks } = tasksOf(() => Promise.resolve(report));
  expect(() => tasks.last("other")).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
});
