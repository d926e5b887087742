import { describe, expect, test } from "@jest/globals";
import {
  checkFilePath,
  checkLinkTarget,
  checkReceivedPath,
  findUnrepresentable,
  isReserved,
} from "../../../actor/core/file-path.js";

describe("a path is allowed", () => {
  test.each([
    "a",
    "a/b/c",
    ".hidden",
    "...",
    "a/.deleted",
    "a/.sparesync/tmp",
    " leading",
    "back\\slash",
    "a:b",
    "CON",
    "x.",
    "ü",
    "e\u0301",
    "日本語/🦊",
    "n".repeat(255),
    "ü".repeat(127),
    "-rf",
    "a\u00a0b",
  ])("on POSIX: %j", (path) => {
    expect(checkFilePath(path, "posix")).toEqual({ isAllowed: true });
  });

  test.each(["a", "a/b.txt", "console", "com10", "a b", "ü/日本", "auxiliary.txt", "long-name~1"])(
    "on Windows: %j",
    (path) => {
      expect(checkFilePath(path, "windows")).toEqual({ isAllowed: true });
    },
  );
});

describe("a path is refused", () => {
  test.each([
    { path: "", because: /empty/ },
    { path: "/etc/passwd", because: /absolute/ },
    { path: "a//b", because: /empty part/ },
    { path: "a/", because: /empty part/ },
    { path: ".", because: /part \./ },
    { path: "a/./b", because: /part \./ },
    { path: "..", because: /part \.\./ },
    { path: "../x", because: /part \.\./ },
    { path: "a/../../b", because: /part \.\./ },
    { path: "a\u0000b", because: /control/ },
    { path: "a\nb", because: /control/ },
    { path: "a\u001b[2J", because: /control/ },
    { path: "a\u007f", because: /control/ },
    { path: "a\u009b2J", because: /control/ },
    { path: "half \ud83e", because: /UTF-8/ },
    { path: "n".repeat(256), because: /255/ },
    { path: "ü".repeat(128), because: /255/ },
    { path: `a/${"日".repeat(86)}`, because: /255/ },
    { path: "abcdefghi/".repeat(400), because: /3500/ },
    { path: Array.from({ length: 201 }, () => "d").join("/"), because: /200/ },
    { path: ".deleted", because: /SpareSync/ },
    { path: ".deleted/x", because: /SpareSync/ },
    { path: ".sparesync/tmp/x", because: /SpareSync/ },
  ])("on POSIX: $path", ({ path, because }) => {
    expect(checkFilePath(path, "posix")).toEqual({
      isAllowed: false,
      because: expect.stringMatching(because) as unknown,
    });
  });

  test.each([
    "a\\b",
    "C:x",
    "C:/x",
    "file:stream",
    "a<b",
    'a"b',
    "a|b",
    "a?b",
    "a*b",
    "con",
    "CON.txt",
    "a/nul",
    "COM1",
    "com¹.x",
    "LPT9.log",
    "aux",
    "conin$",
    "x.",
    "x ",
    "a /b",
    "PROGRA~1",
    "FILE~12.TXT",
    ".DELETED/x",
    ".SpareSync",
  ])("on Windows: %j", (path) => {
    expect(checkFilePath(path, "windows").isAllowed).toBe(false);
  });
});

test.each([".deleted", ".sparesync", ".Deleted", ".SPARESYNC", ".\u017fparesync", ".de\u200dleted", "\u200b.deleted"])(
  "a name that some file system takes for one of our own is reserved on all: %j",
  (name) => {
    expect(isReserved(name)).toBe(true);
    expect(checkFilePath(`${name}/x`, "posix")).toMatchObject({ isAllowed: false });
    expect(checkFilePath(`in/${name}`, "posix")).toEqual({ isAllowed: true });
  },
);

test.each(["deleted", ".deleted2", ".deletèd", "\u00e9", ".", ""])("others are not: %j", (name) => {
  expect(isReserved(name)).toBe(false);
});

test.each([
  { target: "/anywhere", isAllowed: true },
  { target: "../../x", isAllowed: true },
  { target: "", isAllowed: false },
  { target: "a\u0000", isAllowed: false },
  { target: "\ud800", isAllowed: false },
  { target: "x".repeat(4096), isAllowed: false },
])("a link's target $target: $isAllowed", ({ target, isAllowed }) => {
  expect(checkLinkTarget(target).isAllowed).toBe(isAllowed);
});

describe("a name that only Windows cannot have", () => {
  test.each([
    { path: "CON", part: "CON" },
    { path: "a/nul.txt/b/c", part: "a/nul.txt" },
    { path: "a:b", part: "a:b" },
    { path: "c:x", part: "c:x" },
    { path: "back\\slash", part: "back\\slash" },
    { path: "a/x./b", part: "a/x." },
    { path: "x ", part: "x " },
    { path: "...", part: "..." },
    { path: "what?", part: "what?" },
    { path: "PROGRA~1/x", part: "PROGRA~1" },
  ])("is told by its uppermost part, and means no harm: $path", ({ path, part }) => {
    expect(findUnrepresentable(path, "windows")).toMatchObject({
      path: part,
      because: expect.stringMatching(/^name not representable/),
    });
    expect(checkReceivedPath(path, "windows")).toEqual({ isAllowed: true });
    expect(findUnrepresentable(path, "posix")).toBeUndefined();
  });

  test.each(["a", "a/b.txt", "com10"])("is none of %j", (path) => {
    expect(findUnrepresentable(path, "windows")).toBeUndefined();
    expect(checkReceivedPath(path, "windows")).toEqual({ isAllowed: true });
  });
});

test.each([
  "..\\x",
  "a\\..\\..\\x",
  "a/..\\x",
  "\\x",
  "\\\\server\\share",
  "\\\\?\\C:\\x",
  "C:\\x",
  "../x",
  "/x",
  "a\nb",
  ".sparesync/x",
])("what leads elsewhere on Windows is not received there: %j", (path) => {
  expect(checkReceivedPath(path, "windows").isAllowed).toBe(false);
});
