import { expect, test } from "@jest/globals";
import { findUnkept, isOtherSystem, type FolderSystem } from "../../../actor/core/folder-system.js";

const linux: FolderSystem = { platform: "linux", isNameBlind: false, unkept: [] };
const own = { platform: "linux", hasOwner: true };

test.each([
  { when: "both are alike", target: linux, source: own, says: [] },
  {
    when: "the target has no extended attributes",
    target: { ...linux, unkept: ["extended"] },
    source: own,
    says: [/^ext/],
  },
  { when: "the target cannot set owners", target: { ...linux, unkept: ["owner"] }, source: own, says: [/^owner/] },
  {
    when: "neither side can set owners",
    target: { ...linux, unkept: ["owner"] },
    source: { ...own, hasOwner: false },
    says: [],
  },
  {
    when: "the target is FAT",
    target: { ...linux, isNameBlind: true, unkept: ["owner", "mode", "time", "extended"] },
    source: own,
    says: [/case/, /^owner/, /mode/, /time/, /^ext/],
  },
  {
    when: "both take names for one",
    target: { ...linux, platform: "darwin", isNameBlind: true },
    source: { ...own, platform: "darwin" },
    says: [],
  },
  {
    when: "the target is Windows",
    target: { ...linux, platform: "win32", isNameBlind: true },
    source: own,
    says: [/win32/, /case/],
  },
] as const)("what is not kept is told by name: $when", ({ target, source, says }) => {
  const unkept = findUnkept(source, target as FolderSystem);
  expect(unkept).toHaveLength(says.length);
  says.forEach((text, index) => {
    expect(unkept[index]).toMatch(text);
  });
  expect(isOtherSystem(source, target as FolderSystem)).toBe(source.platform !== target.platform);
});
