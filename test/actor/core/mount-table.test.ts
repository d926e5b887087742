import { describe, expect, test } from "@jest/globals";
import { findInnerMounts } from "../../../actor/core/mount-table.js";

const table = [
  "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
  "40 22 0:35 / /srv/data rw - tmpfs tmpfs rw",
  "41 40 0:36 / /srv/data/with\\040space rw - tmpfs tmpfs rw",
  "42 40 0:37 / /srv/data/a rw - tmpfs tmpfs rw",
  "43 22 0:38 / /srv/database rw - tmpfs tmpfs rw",
  "",
].join("\n");

describe("the mounts in a folder", () => {
  test("are those at and below it, by their paths in it", () => {
    expect(findInnerMounts(table, "/srv/data")).toEqual([
      { path: "", identity: "40 0:35" },
      { path: "a", identity: "42 0:37" },
      { path: "with space", identity: "41 0:36" },
    ]);
    expect(findInnerMounts(table, "/home")).toEqual([]);
  });

  test("of the uppermost folder are all", () => {
    expect(findInnerMounts(table, "/").map(({ path }) => path)).toEqual([
      "",
      "srv/data",
      "srv/data/a",
      "srv/data/with space",
      "srv/database",
    ]);
  });

  test("and a line that nobody understands is none", () => {
    expect(findInnerMounts("one two\n", "/srv")).toEqual([]);
  });
});
