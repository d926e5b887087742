import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { divergenceFile, longestValue } from "../../../actor/core/divergence.js";
import { DivergenceStore } from "../../../actor/divergence/divergence-store.js";
import { LineFile } from "../../../shared/line-file.js";

let stateDirectory: string;
let store: DivergenceStore;
beforeEach(async () => {
  stateDirectory = await mkdtemp(path.join(os.tmpdir(), "divergence-"));
  store = new DivergenceStore(stateDirectory, "secondary");
});
afterEach(() => rm(stateDirectory, { recursive: true }));

const shop = { kind: "database", name: "shop-eu", id: "history-1", form: "found" } as const;

async function writeReport(which: Parameters<typeof divergenceFile>[1], ...entries: object[]): Promise<string> {
  const lines = new LineFile(divergenceFile(stateDirectory, which));
  for (const entry of entries) lines.add(entry);
  return lines.finish();
}

test("without a report there is nothing to show and nothing to acknowledge", async () => {
  expect(await store.list(5)).toEqual([]);
  expect(await store.acknowledge("olga", 1)).toBe(0);
});

test("each report is listed with its names, its whole count and its first entries", async () => {
  const row = { table: "public.t", key: { id: "1" }, state: "deleted", present: null };
  const file = await writeReport(shop, row, { ...row, key: { id: "2" } }, { ...row, key: { id: "3" } });
  const lost = { kind: "folder", name: "uploads", id: "4", form: "lost" } as const;
  await writeReport(lost, { path: "a", state: "only there", bytes: 3, modifiedAtMs: 5, present: null });
  const views = await store.list(2);
  expect(views.map(({ kind, name, id, form, entries }) => [kind, name, id, form, entries])).toEqual([
    ["folder", "uploads", "4", "lost", 1],
    ["database", "shop-eu", "history-1", "found", 3],
  ]);
  expect(views[1]).toMatchObject({ server: "secondary", file, isAcknowledged: false });
  expect(views[1]?.examples).toEqual([row, { ...row, key: { id: "2" } }]);
  expect((await store.list(0)).flatMap(({ examples }) => examples)).toEqual([]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("a long value is cut in an example, and a line that is none is counted and not shown", async () => {
  const row = { table: "t", state: "present", row: { blob: "x".repeat(10_000) } };
  await writeReport(shop, row, { what: "ever" });
  const [view] = await store.list(5);
  expect(view?.entries).toBe(2);
  expect(view?.examples).toEqual([{ ...row, row: { blob: `${"x".repeat(longestValue)}…` } }]);
});

test("who acknowledged is kept over a restart; a later report waits again", async () => {
  await writeReport(shop, { table: "t", state: "truncated" });
  expect(await store.acknowledge("olga", 7)).toBe(1);
  expect(await store.acknowledge("otto", 8)).toBe(0);
  await writeReport({ ...shop, id: "history-2" }, { table: "t", state: "truncated" });
  const again = new DivergenceStore(stateDirectory, "secondary");
  const states = (await again.list(0)).map(({ id, isAcknowledged }) => [id, isAcknowledged]);
  expect(states).toEqual([
    ["history-1", true],
    ["history-2", false],
  ]);
});

test("a list of acknowledgements that cannot be read lets a person look once more", async () => {
  await writeReport(shop, { table: "t", state: "truncated" });
  await store.acknowledge("olga", 7);
  await writeFile(path.join(stateDirectory, "divergence/acknowledged.json"), "{");
  expect((await store.list(0))[0]?.isAcknowledged).toBe(false);
  expect(await store.acknowledge("otto", 8)).toBe(1);
});

test("a report that is still being written is not shown", async () => {
  const lines = new LineFile(divergenceFile(stateDirectory, shop));
  lines.add({ table: "t", state: "truncated" });
  await lines.flush();
  expect(await store.list(5)).toEqual([]);
  await lines.finish();
  expect(await store.list(5)).toHaveLength(1);
});
