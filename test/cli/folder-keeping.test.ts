import { expect, test } from "@jest/globals";
import { examineFolderKeeping } from "../../cli/check/folder-keeping.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { SyncItemStatus } from "../../shared/core/status.js";

const settings = { folders: [{ name: "a" }, { name: "b" }] } as unknown as Settings;

function folder(name: string, unkept?: readonly string[]): SyncItemStatus {
  return { kind: "folder", name, ...(unkept === undefined ? {} : { unkept }) } as unknown as SyncItemStatus;
}

test("what the other server does not keep is a notice for each folder", async () => {
  const known = [folder("a"), folder("b", ["owner and group", "extended attributes"])];
  const findings = await examineFolderKeeping(settings, () => Promise.resolve(known));
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    key: "folders[1].path",
    grade: "notice",
    message: "the other server does not keep of the folder b: owner and group; extended attributes",
  });
});

test("without an answer of the actor nothing is said", async () => {
  expect(await examineFolderKeeping(settings, () => Promise.resolve(undefined))).toEqual([]);
});
