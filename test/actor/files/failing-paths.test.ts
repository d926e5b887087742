import { expect, test } from "@jest/globals";
import { FailingPaths } from "../../../actor/files/failing-paths.js";
import type { FileProblem } from "../../../actor/files/scanner.js";

function many(count: number, kind: FileProblem["kind"], start = "f"): FileProblem[] {
  return Array.from({ length: count }, (_, n) => ({ path: `${start}${n}`, kind, because: "a test" }));
}

test("all are counted, however many: by name as far as there is room", () => {
  const failing = new FailingPaths();
  failing.update([""], [...many(3000, "skipped", "s"), ...many(7000, "failed")], () => 1000, {
    skipped: 100,
    tried: 400,
  });
  expect(failing.describe(10)).toMatchObject({ warnings: 10_500 });
  expect(failing.describe(10).paths).toHaveLength(10);
  expect(failing.pending).toBe(7400);
  expect(failing.open).toBeNull();
  expect(failing.isSettled).toBe(false);
  failing.update([""], many(3, "skipped"), () => 2000);
  expect(failing.describe(10).warnings).toBe(3);
  expect(failing.open).toEqual(["f0", "f1", "f2"]);
});

test("each that is remembered waits longer each time, the others for the next full analysis", () => {
  const failing = new FailingPaths();
  failing.update([""], many(6000, "failed"), () => 1000);
  expect(failing.retryAfterMs("f4999")).toBe(500);
  expect(failing.retryAfterMs("f5000")).toBeUndefined();
  failing.update(["f4999", "f10"], [...many(5000, "failed").slice(4999), ...many(11, "failed").slice(10)], () => 2000);
  expect(failing.retryAfterMs("f4999")).toBe(1000);
  expect(failing.describe(1).warnings).toBe(6000);
});

test("what is skipped takes no room from what is tried again", () => {
  const failing = new FailingPaths();
  failing.update([""], [...many(2000, "skipped", "s"), ...many(1, "failed")], () => 1000);
  expect(failing.retryAfterMs("f0")).toBe(500);
  expect(failing.oldestSinceMs).toBe(1000);
  expect(failing.obstacles()).toEqual(['"f0": a test']);
});

test("since when anything is missing is known of those that are only counted, too", () => {
  const failing = new FailingPaths();
  failing.update([""], many(5001, "failed"), () => 1000);
  const looked = many(5000, "failed").map(({ path }) => path);
  failing.update(looked, [], () => 5000);
  expect(failing.pending).toBe(1);
  expect(failing.oldestSinceMs).toBe(1000);
});

test("what the system says of a name in its folder is told of its path", () => {
  const failing = new FailingPaths();
  const because = "EACCES: permission denied, open 'file'";
  failing.update([""], [{ path: "a/b/file", kind: "failed", because }], () => 1000);
  expect(failing.describe(1).paths[0]?.because).toBe("EACCES: permission denied, open 'a/b/file'");
});
