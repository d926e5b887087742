import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import type { JsonObject } from "../../../shared/core/json.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { listFiles, putFile } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

const dayMs = 86_400_000;

let pair: FileTreePair;
/** By how much the clocks are ahead of the system's. */
let ahead: { wallMs: number; monotonicMs: number };
beforeEach(async () => {
  ahead = { wallMs: 0, monotonicMs: 0 };
  const system = createSystemClock();
  const clock = {
    wallMs: () => system.wallMs() + ahead.wallMs,
    monotonicMs: () => system.monotonicMs() + ahead.monotonicMs,
    sleep: (ms: number, signal?: AbortSignal) => system.sleep(ms, signal),
  };
  pair = new FileTreePair({ clock });
  await pair.begin();
  putFile(pair.primaryRoot, "file", "x");
  putFile(pair.primaryRoot, "other", "other");
  await pair.primary.synchronise(never);
  fs.rmSync(pair.source("file"));
  await pair.primary.synchronise(never);
  expect(listFiles(pair.target(".deleted"))).toEqual(["file"]);
});
afterEach(async () => {
  await pair.end();
});

function passDays(days: number): void {
  ahead = { wallMs: ahead.wallMs + days * dayMs, monotonicMs: ahead.monotonicMs + days * dayMs };
}

const told = (event: string): readonly JsonObject[] =>
  pair.logs.secondary.lines.filter((line) => line.event === event).map(({ fields }) => fields);

test("what was deleted long enough ago goes from the target, and the log says how much", async () => {
  passDays(8);
  expect(await pair.secondary.purgeDeleted(never)).toEqual({ files: 1, bytes: 1 });
  expect(listFiles(pair.target(".deleted"))).toEqual([]);
  expect(told("files-deleted-purged")).toEqual([{ files: 1, bytes: 1 }]);
});

test("nothing goes by a clock that leapt ahead, and the log says so", async () => {
  ahead.wallMs = 30 * dayMs;
  expect(await pair.secondary.purgeDeleted(never)).toEqual({ files: 0, bytes: 0 });
  expect(listFiles(pair.target(".deleted"))).toEqual(["file"]);
  expect(told("files-purge-put-off")).toEqual([{ clockAheadHours: 720 }]);
  // A day later nobody has put it right.
  passDays(1);
  expect((await pair.secondary.purgeDeleted(never)).files).toBe(1);
});

test("nothing goes while the spare serves: it may be all there is of a file", async () => {
  passDays(8);
  await pair.secondary.promote(2, never);
  await pair.secondary.setRole({ role: "source", epoch: 2, continuous: false });
  expect(await pair.secondary.purgeDeleted(never)).toEqual({ files: 0, bytes: 0 });
  expect(listFiles(pair.target(".deleted"))).toEqual(["file"]);
});

test("nothing goes while it is not known whether the spare serves, after a start or without a role", async () => {
  passDays(8);
  await pair.secondary.promote(2, never);
  await pair.restart("secondary");
  expect(await pair.secondary.purgeDeleted(never)).toEqual({ files: 0, bytes: 0 });
  await pair.secondary.setRole({ role: "idle", epoch: 2 });
  expect(await pair.secondary.purgeDeleted(never)).toEqual({ files: 0, bytes: 0 });
  expect(listFiles(pair.target(".deleted"))).toEqual(["file"]);
  await pair.secondary.setRole({ role: "target", epoch: 3 });
  expect((await pair.secondary.purgeDeleted(never)).files).toBe(1);
});

test("the target says when a purge last succeeded, also after a restart; one that fails is none", async () => {
  const told = (): number => pair.secondary.status()[0]!.lastPurgeAtMs!;
  const expectedSinceMs = told();
  expect(expectedSinceMs).toBeLessThanOrEqual(Date.now());
  passDays(1);
  const records = pair.target(".sparesync/deleted.jsonl");
  fs.rmSync(records);
  fs.mkdirSync(records);
  await expect(pair.secondary.purgeDeleted(never)).rejects.toMatchObject({ code: "EISDIR" });
  expect(told()).toBe(expectedSinceMs);
  await pair.restart("secondary");
  await pair.begin();
  expect(told()).toBe(expectedSinceMs);
  fs.rmdirSync(records);
  await pair.secondary.purgeDeleted(never);
  const purgedAtMs = told();
  expect(purgedAtMs).toBeGreaterThanOrEqual(expectedSinceMs + dayMs);
  passDays(1);
  await pair.restart("secondary");
  await pair.begin();
  expect(told()).toBe(purgedAtMs);
  expect(pair.primary.status()[0]!.lastPurgeAtMs).toBeUndefined();
});
