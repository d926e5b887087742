import { describe, expect, test } from "@jest/globals";
import { createFolderRules, everything, withoutSizeLimit } from "../../../actor/core/folder-rules.js";
import { visibleName } from "../../../actor/core/file-path.js";

describe("what is ignored", () => {
  test.each([
    { when: "a name anywhere", ignore: ["*.tmp"], path: "a/b/x.tmp", isFolder: false, isIgnored: true },
    { when: "another case of it", ignore: ["*.tmp"], path: "x.TMP", isFolder: false, isIgnored: false },
    { when: "a name in the root alone", ignore: ["/cache"], path: "a/cache", isFolder: true, isIgnored: false },
    { when: "a folder", ignore: ["cache/"], path: "a/cache", isFolder: true, isIgnored: true },
    { when: "a file of a folder's name", ignore: ["cache/"], path: "a/cache", isFolder: false, isIgnored: false },
    {
      when: "what a later pattern takes back",
      ignore: ["*.log", "!k.log"],
      path: "k.log",
      isFolder: false,
      isIgnored: false,
    },
    { when: "any depth", ignore: ["a/**/z"], path: "a/b/c/z", isFolder: false, isIgnored: true },
    { when: "a name with a backslash", ignore: ["b"], path: "a\\b", isFolder: false, isIgnored: false },
    { when: "a name that begins with dots", ignore: ["...x"], path: "...x", isFolder: false, isIgnored: true },
    { when: "nothing", ignore: [], path: "a", isFolder: false, isIgnored: false },
    { when: "the root, by no pattern", ignore: ["*"], path: "", isFolder: true, isIgnored: false },
  ])("$when: $isIgnored", ({ ignore, path, isFolder, isIgnored }) => {
    expect(createFolderRules({ ignore, largestFileBytes: 0 }).isIgnored(path, isFolder)).toBe(isIgnored);
  });

  test("stays so after more questions than the library may remember", () => {
    const rules = createFolderRules({ ignore: ["*.tmp"], largestFileBytes: 0 });
    for (let n = 0; n < 10_001; n += 1) expect(rules.isIgnored(`${n}.tmp`, false)).toBe(true);
    expect(rules.isIgnored("other", false)).toBe(false);
  });
});

test("both sides agree by the patterns in their order, whatever the limit of size", () => {
  const digest = (ignore: string[], largestFileBytes = 0): string =>
    createFolderRules({ ignore, largestFileBytes }).digest;
  expect(digest(["a", "!b"])).toBe(digest(["a", "!b"], 5));
  expect(digest(["a", "!b"])).not.toBe(digest(["!b", "a"]));
  expect(digest([])).toBe(everything.digest);
  expect(withoutSizeLimit(createFolderRules({ ignore: [], largestFileBytes: 5 })).largestFileBytes).toBe(Infinity);
});

test.each([
  { bytes: Buffer.from("plain ü 日"), shown: "plain ü 日" },
  { bytes: Buffer.from([0x62, 0xff, 0xfe]), shown: "b\\xff\\xfe" },
  { bytes: Buffer.from("a\nb\u0085"), shown: "a\\x0ab\\xc2\\x85" },
])("a name is shown as $shown", ({ bytes, shown }) => {
  expect(visibleName(bytes)).toBe(shown);
});
