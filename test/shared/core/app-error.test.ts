import { expect, test } from "@jest/globals";
import { errorMessage } from "../../../shared/core/app-error.js";

test("a message names no descriptor, only what was reached through it", () => {
  const text = "EXDEV: cross-device link, rename '/proc/self/fd/22/a b' -> '/proc/self/fd/7/c'";
  expect(errorMessage(new Error(text))).toBe("EXDEV: cross-device link, rename 'a b' -> 'c'");
  expect(errorMessage(new Error("ENOENT: open '/srv/x'"))).toBe("ENOENT: open '/srv/x'");
});
