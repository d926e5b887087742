import { expect, test } from "@jest/globals";
import { notKept } from "../../../actor/files/not-kept.js";

test.each([
  { platform: "linux", hasCalls: true, unkept: [] },
  { platform: "linux", hasCalls: false, unkept: ["extended attributes"] },
  { platform: "darwin", hasCalls: false, unkept: ["extended attributes", "time of creation"] },
  { platform: "win32", hasCalls: true, unkept: ["access lists", "alternate streams", "compression and encryption"] },
])("on $platform, with calls of its own $hasCalls, it is said what is not kept", ({ unkept, ...system }) => {
  expect(notKept(system)).toEqual(unkept);
});

test("without the package Windows keeps neither its attributes nor the time of creation", () => {
  const unkept = notKept({ platform: "win32", hasCalls: false });
  expect(unkept).toEqual(expect.arrayContaining(["hidden, system and not indexed", "time of creation"]));
});
