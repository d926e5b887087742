import { expect, test } from "@jest/globals";
import path from "node:path";
import type { TargetListing, TargetPeer } from "../../../actor/files/target-peer.js";
import { everything } from "../../../actor/core/folder-rules.js";
import { newMemory, type PassPorts } from "../../../actor/files/pass.js";
import { runPartialPass } from "../../../actor/files/partial-pass.js";
import type { FolderStore } from "../../../actor/files/folder-store.js";
import { makeTemporaryFolder, removeTree } from "../../support/file-tree.js";

test("the target is asked while the source is looked at, and has answered before the failure of one of them ends the pass", async () => {
  const base = makeTemporaryFolder();
  const root = path.join(base, "not-there");
  const asked: (readonly string[])[] = [];
  let answer: (listing: TargetListing) => void = () => undefined;
  const peer = {
    list: (paths: readonly string[]) => {
      asked.push(paths);
      return new Promise<TargetListing>((resolve) => {
        answer = resolve;
      });
    },
  } as unknown as TargetPeer;
  const store = { find: () => undefined } as unknown as FolderStore;
  const ports = { root, peer, store, signal: new AbortController().signal } as unknown as PassPorts;
  let end = "";
  const pass = runPartialPass(["file"], newMemory(), ports).catch((error: unknown) => {
    end = String(error);
  });
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect({ asked, end }).toEqual({ asked: [["file"]], end: "" });
  answer({ entries: [], problems: [], roomBytes: 0 });
  await pass;
  expect(end).toMatch(/ENOENT/);
  removeTree(base);
});

test("where the target has more than a listing holds nothing is done: a full analysis has to", async () => {
  const root = makeTemporaryFolder();
  const peer = { list: () => Promise.resolve(undefined) } as unknown as TargetPeer;
  const store = { find: () => undefined } as unknown as FolderStore;
  const ports = { root, peer, store, rules: everything, signal: new AbortController().signal };
  expect(await runPartialPass(["file"], newMemory(), ports as unknown as PassPorts)).toBeUndefined();
  removeTree(root);
});
