import { expect, test } from "@jest/globals";
import { nameFolders } from "../../../../shared/core/settings/folder-names.js";

test.each([
  {
    when: "folders without a name",
    input: { pair: "p", folders: [{ path: "/a" }, { name: "uploads", path: "/b" }, { path: "/c" }] },
    folders: [
      { name: "folder-1", path: "/a" },
      { name: "uploads", path: "/b" },
      { name: "folder-3", path: "/c" },
    ],
  },
  { when: "something that is no folder", input: { folders: ["x", null, 5] }, folders: ["x", null, 5] },
])("in $when each has one by its place", ({ input, folders }) => {
  expect(nameFolders(input)).toEqual({ ...input, folders });
});

test.each([undefined, null, "text", [1], { folders: "x" }, {}])("%j is left as it is", (input) => {
  expect(nameFolders(input)).toEqual(input);
});
