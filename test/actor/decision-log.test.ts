import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { appendFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { decideFailover } from "../../actor/core/failover-criteria.js";
import { recordDecision } from "../../actor/core/decision-record.js";
import { createDecisionLog } from "../../actor/decision-log.js";
import { readyFacts, strictLimits } from "../support/failover-facts.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "decisions-"));
});
afterEach(() => rm(folder, { recursive: true }));

const decision = decideFailover(readyFacts, strictLimits);
const record = (id: string) =>
  recordDecision({ id, decidedAtMs: 1, isObservedOnly: false }, decision, readyFacts, strictLimits);

describe("the log of decisions", () => {
  test("lists the last ones first, over a restart", async () => {
    expect(await createDecisionLog(folder).list(10)).toEqual([]);
    for (const id of ["a", "b", "c"]) await createDecisionLog(folder).append(record(id));
    expect((await createDecisionLog(folder).list(2)).map(({ id }) => id)).toEqual(["c", "b"]);
    expect((await createDecisionLog(folder).list(10))[2]).toEqual(record("a"));
  });

  test("keeps one file more than is being written, and no others", async () => {
    const log = createDecisionLog(folder, 100);
    for (const id of ["a", "b", "c", "d"]) await log.append(record(id));
    expect((await readdir(folder)).sort()).toEqual(["decisions.jsonl", "decisions.jsonl.1"]);
    expect((await log.list(10)).map(({ id }) => id)).toEqual(["d", "c"]);
  });

  test("passes over a line that was cut short, and is nobody else's to read", async () => {
    const log = createDecisionLog(folder);
    await log.append(record("a"));
    await appendFile(path.join(folder, "decisions.jsonl"), '{"id":"cut\n');
    await log.append(record("b"));
    expect((await log.list(10)).map(({ id }) => id)).toEqual(["b", "a"]);
    expect((await stat(path.join(folder, "decisions.jsonl"))).mode & 0o777).toBe(0o600);
  });
});
