import { expect, test } from "@jest/globals";
import { dirtyLimit, DirtySet, sinceFirstNoticed } from "../../../actor/files/dirty-set.js";

test("a path is due when it has been quiet for the delay", () => {
  const dirty = new DirtySet(3000);
  dirty.mark("a", 1000);
  dirty.mark("a", 3000);
  expect([...dirty.takeDue(5999, 10)]).toEqual([]);
  expect(dirty.nextDueAtMs).toBe(6000);
  expect([...dirty.takeDue(6000, 10)]).toEqual([["a", 1000]]);
  expect(dirty.size).toBe(0);
});

test("a path that never rests is due after five delays", () => {
  const dirty = new DirtySet(3000);
  for (let at = 1000; at < 16_000; at += 1000) dirty.mark("a", at);
  expect([...dirty.takeDue(15_999, 10)]).toEqual([]);
  expect([...dirty.takeDue(16_000, 10)]).toEqual([["a", 1000]]);
});

test("without a delay a path is due at once", () => {
  const dirty = new DirtySet(0);
  dirty.mark("a", 1000);
  expect([...dirty.takeDue(1000, 10).keys()]).toEqual(["a"]);
});

test("what is put back keeps its age", () => {
  const dirty = new DirtySet(0);
  dirty.mark("a", 5000);
  dirty.putBack("a", 1000, 9000);
  expect(dirty.oldestAtMs).toBe(1000);
  expect([...dirty.takeDue(5000, 10)]).toEqual([["a", 1000]]);
});

test("what failed keeps its age, and an event does not end its wait before the delay", () => {
  const dirty = new DirtySet(3000);
  dirty.putBack("a", 1000, 190_000, 100_000);
  dirty.mark("a", 100_500);
  expect(dirty.oldestAtMs).toBe(1000);
  expect(dirty.nextDueAtMs).toBe(103_500);
});

test("what is in a folder that was noticed is as old as its mark, what nobody noticed as old as the oldest", () => {
  const sinceMs = sinceFirstNoticed(
    new Map([
      ["a", 2000],
      ["b/c", 1000],
    ]),
  );
  expect(["a/x/y", "a", "b/c", "b/d"].map(sinceMs)).toEqual([2000, 2000, 1000, 1000]);
  expect(sinceFirstNoticed(new Map([["", 500]]))("a/b")).toBe(500);
});

test("no more are taken than asked for, and no more are kept than the limit", () => {
  const dirty = new DirtySet(0);
  for (let n = 0; n <= dirtyLimit; n += 1) dirty.mark(String(n), 1000);
  expect(dirty.size).toBe(dirtyLimit);
  expect(dirty.isOverflown).toBe(true);
  expect(dirty.takeDue(1000, 7).size).toBe(7);
  expect(dirty.clear()).toBe(1000);
  expect(dirty).toMatchObject({ size: 0, isOverflown: false, oldestAtMs: 0, nextDueAtMs: undefined });
});

test("what is due in a moment goes along with what is due, and nothing goes alone before its time", () => {
  const dirty = new DirtySet(1000);
  dirty.mark("old-name", 0);
  dirty.mark("new-name", 150);
  dirty.mark("later", 250);
  expect([...dirty.takeDue(999, 10).keys()]).toEqual([]);
  expect([...dirty.takeDue(1000, 10).keys()]).toEqual(["old-name", "new-name"]);
  expect([...dirty.takeDue(1249, 10).keys()]).toEqual([]);
  const without = new DirtySet(0);
  without.mark("now", 0);
  without.mark("soon", 1);
  expect([...without.takeDue(0, 10).keys()]).toEqual(["now"]);
});

test("what was noticed below a folder is noticed below its new name when it is renamed", () => {
  const dirty = new DirtySet(0);
  for (const path of ["a", "a/b", "ab/c"]) dirty.mark(path, 1000);
  dirty.noteMoved("a", "x/y");
  expect([...dirty.takeDue(1000, 10).keys()].sort()).toEqual(["a", "a/b", "ab/c", "x/y/b"]);
});

test("what is held comes whenever something else is due, with its age, and by itself when its time is over", () => {
  const dirty = new DirtySet(0);
  dirty.mark("gone", 1000);
  dirty.takeDue(1000, 10);
  dirty.hold("gone", 1000, 1050);
  expect([...dirty.takeDue(1049, 10)]).toEqual([]);
  dirty.mark("other", 1020);
  expect([...dirty.takeDue(1020, 10)].sort()).toEqual([
    ["gone", 1000],
    ["other", 1020],
  ]);
  dirty.hold("gone", 1000, 1050);
  expect(dirty.nextDueAtMs).toBe(1050);
  expect([...dirty.takeDue(1050, 10)]).toEqual([["gone", 1000]]);
});
