import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import path from "node:path";
import type { JsonObject } from "../../../shared/core/json.js";
import { encodeListQuery } from "../../../actor/core/file-wire.js";
import { createFolderRules } from "../../../actor/core/folder-rules.js";
import { folderSettings } from "../../../shared/core/settings/data-settings.js";
import { putFile } from "../../support/file-tree.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

let pair: FileTreePair;
beforeEach(async () => {
  pair = new FileTreePair();
  putFile(pair.primaryRoot, "a", "a");
  await pair.begin();
  await pair.primary.synchronise(never);
  expect(status()).toMatchObject({ health: "ok", isComplete: true });
});
afterEach(async () => {
  await pair.end();
});

const status = () => pair.secondary.status()[0]!;
const disk = (): string => path.join(pair.base, "disk");
const veto = { cause: { code: "FILE_VETO" } };

/** What the source says of the target, by the link. */
function settle(fields: JsonObject): Promise<unknown> {
  const answer = pair.secondary.handlers["files/settled"];
  if (answer === undefined) throw new Error("nobody answers");
  return Promise.resolve(answer({ fields: { folder: "uploads", epoch: 1, ...fields } }));
}

/** As when the spare's machine starts without its disk: what stands below the mount point is an empty folder. */
async function unmount(): Promise<void> {
  await pair.secondary.close();
  fs.renameSync(pair.secondaryRoot, disk());
  fs.mkdirSync(pair.secondaryRoot);
  await startTarget();
}

async function mount(): Promise<void> {
  await pair.secondary.close();
  fs.rmSync(pair.secondaryRoot, { recursive: true });
  fs.renameSync(disk(), pair.secondaryRoot);
  await startTarget();
}

async function startTarget(): Promise<void> {
  await pair.restart("secondary");
  await pair.secondary.setRole({ role: "target", epoch: 1 });
}

test("a target whose disk is not mounted says so at its start, takes nothing, and does not take over", async () => {
  await unmount();
  expect(status()).toMatchObject({ health: "fatal", isComplete: false, progressRatio: 0 });
  expect(status().because).toContain("is not the one that was compared");
  putFile(pair.primaryRoot, "order", "accepted");
  await expect(pair.primary.synchronise(never)).rejects.toMatchObject(veto);
  expect(pair.primary.status()[0]).toMatchObject({ health: "fatal" });
  await expect(pair.secondary.promote(2, never)).rejects.toMatchObject({ code: "FILE_VETO" });
  expect(await pair.secondary.isPromoted(never)).toBe(false);
  expect(fs.readdirSync(pair.secondaryRoot)).toEqual([]);

  await mount();
  expect(status()).toMatchObject({ health: "ok", isComplete: true });
  await pair.primary.synchronise(never);
  expect(fs.readFileSync(pair.target("order"), "utf8")).toBe("accepted");
  await pair.secondary.promote(2, never);
});

test("it takes no listing, with which a part would be sent, and no word of the source", async () => {
  await unmount();
  const said = { completeUpToMs: 5, lastFullAnalysisAtMs: 5, isComplete: true };
  await expect(settle(said)).rejects.toMatchObject({ code: "FILE_VETO" });
  const folder = folderSettings.parse({ name: "uploads", path: pair.secondaryRoot, delaySeconds: 0 });
  const fields = { folder: "uploads", epoch: 1, rules: createFolderRules(folder).digest };
  const list = pair.secondary.handlers["files/list"];
  const listing = list?.({ fields, body: encodeListQuery({ paths: ["a"] }) });
  await expect(listing).rejects.toMatchObject({ code: "FILE_VETO" });
});

test("another mount point is another folder, whatever is in it", async () => {
  const file = path.join(pair.base, "secondary/state/files-mount-points.json");
  await pair.secondary.close();
  const known = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, object>;
  fs.writeFileSync(file, JSON.stringify({ uploads: { ...known["uploads"], mountPoint: "/mnt/disk" } }));
  await startTarget();
  expect(status()).toMatchObject({ health: "fatal", isComplete: false });
  expect(status().because).toContain("was on the file system mounted at /mnt/disk");
});

test("a disk replaced on purpose is approved on the target: it is no copy until all was compared anew", async () => {
  expect(await pair.secondary.approve?.("uploads")).toBe(false);
  await unmount();
  expect(await pair.secondary.approve?.("uploads")).toBe(true);
  expect(status()).toMatchObject({ health: "ok", isComplete: false });
  // What the source believes to be there is not: its word counts for nothing.
  const { completeUpToMs, lastFullAnalysisAtMs } = pair.primary.status()[0]!;
  const said = { completeUpToMs, lastFullAnalysisAtMs: lastFullAnalysisAtMs + 1, isComplete: true };
  await expect(settle(said)).rejects.toMatchObject({ code: "FILE_VETO" });
  expect(status()).toMatchObject({ isComplete: false });
  await pair.primary.synchronise(never);
  expect(status()).toMatchObject({ health: "ok", isComplete: true });
  expect(fs.readFileSync(pair.target("a"), "utf8")).toBe("a");
});

test("a source that goes on compares all of it after the doubt, without being asked", async () => {
  await pair.primary.setRole({ role: "source", epoch: 1, continuous: true });
  const before = pair.toSecondary.count("files/begin");
  await waitFor(
    () => pair.primary.status()[0]!.lastFullAnalysisAtMs > 0 && pair.toSecondary.count("files/begin") > before,
  );
  await unmount();
  await waitFor(() => pair.primary.status()[0]!.health === "fatal");
  const doubted = pair.toSecondary.count("files/begin");
  putFile(pair.primaryRoot, "order", "accepted");
  await mount();
  await waitFor(() => fs.existsSync(pair.target("order")) && pair.primary.status()[0]!.health === "ok");
  expect(pair.toSecondary.count("files/begin")).toBeGreaterThan(doubted);
}, 120_000);

async function waitFor(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000 && !holds(); tries += 1) await new Promise((done) => setTimeout(done, 50));
  expect(holds()).toBe(true);
}
