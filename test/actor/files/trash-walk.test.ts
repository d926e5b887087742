import { expect, test } from "@jest/globals";
import type { ConfinedFolder } from "../../../actor/files/confined-folder.js";
import { TrashWalk } from "../../../actor/files/trash-walk.js";
import { never } from "../../support/file-tree-pair.js";

test("lists any number of files in one folder of .deleted", async () => {
  const files = 200_000;
  const folderOf = (names: readonly string[], isOuter: boolean): ConfinedFolder => {
    const look = () => ({ isDirectory: () => isOuter, size: 1n, blocks: 8n });
    const openChild = (): ConfinedFolder => inner;
    return { names: () => names.map((name) => Buffer.from(name)), look, openChild, close: () => undefined } as never;
  };
  const inner = folderOf(
    Array.from({ length: files }, (_, n) => `f${n}`),
    false,
  );
  const unrecorded = (path: string) => ({ path, deletedAtMs: 0, reason: "unknown" });
  const found = await new TrashWalk(never).list(folderOf(["many"], true), new Map(), unrecorded);
  expect(found).toHaveLength(files);
  expect(found.at(-1)).toEqual({ path: `many/f${files - 1}`, deletedAtMs: 0, reason: "unknown", bytes: 1 });
});
