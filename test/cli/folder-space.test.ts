import { expect, test } from "@jest/globals";
import { examineFolderSpace, readFreeBytes } from "../../cli/check/folder-space.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { SyncItemStatus } from "../../shared/core/status.js";

const settings = {
  folders: [{ name: "uploads", path: "/srv/uploads", reservedFreeBytes: 1000 }],
} as unknown as Settings;

function statusWith(space: SyncItemStatus["space"]): SyncItemStatus {
  return { kind: "folder", name: "uploads", ...(space === undefined ? {} : { space }) } as unknown as SyncItemStatus;
}

const fits = { bytes: 500, targetBytes: 100, targetRoomBytes: 400 };

test.each([
  { when: "there is room on both sides", free: 1000, space: fits, found: [] },
  {
    when: "the other server lacks one byte",
    free: 1000,
    space: { ...fits, bytes: 501 },
    found: ["problem: holds 501 B"],
  },
  { when: "the reserve here is in use", free: 999, space: fits, found: ["problem: has 999 B left"] },
  { when: "nothing was analysed yet", free: 5000, space: undefined, found: ["notice: was not compared"] },
])("when $when: $found", async ({ free, space, found }) => {
  const findings = await examineFolderSpace(settings, {
    freeBytes: () => Promise.resolve(free),
    readFolders: () => Promise.resolve([statusWith(space)]),
  });
  expect(findings).toHaveLength(found.length);
  for (const [index, text] of found.entries()) {
    const [grade = "", words = ""] = text.split(": ");
    expect(findings[index]).toMatchObject({ grade, message: expect.stringContaining(words) as unknown });
  }
});

test("an actor that does not answer and a path that is not there are no failures of the check", async () => {
  const findings = await examineFolderSpace(settings, {
    freeBytes: readFreeBytes,
    readFolders: () => Promise.resolve(undefined),
  });
  expect(findings.map(({ grade }) => grade)).toEqual(["notice"]);
  expect(await readFreeBytes("/")).toBeGreaterThan(0);
});
