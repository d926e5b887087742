import { describe, expect, test } from "@jest/globals";
import type { Acknowledgement } from "../../demo/client.js";
import { differences, type Holdings, lost, lostBeyondRecoveryPoint } from "../../demo/comparison.js";

function holdings(rows: Record<string, string>, files: Record<string, string> = {}, seen: string[] = []): Holdings {
  return { rows: new Map(Object.entries(rows)), files: new Map(Object.entries(files)), observations: new Set(seen) };
}

function acknowledged(kind: "row" | "file", id: string, content: string, atMs = 1000): Acknowledgement {
  return { kind, id, content, server: "primary", sentAtMs: atMs - 5, atMs };
}

describe("the comparison of two servers", () => {
  test.each([
    {
      when: "both hold the same",
      a: holdings({ a: "1" }, { f: "x" }, ["o"]),
      b: holdings({ a: "1" }, { f: "x" }, ["o"]),
      rows: [],
      files: [],
    },
    { when: "a row is missing", a: holdings({ a: "1", b: "2" }), b: holdings({ a: "1" }), rows: ["b"], files: [] },
    { when: "a row has another text", a: holdings({ a: "1" }), b: holdings({ a: "2" }), rows: ["a"], files: [] },
    { when: "an observation is missing", a: holdings({}, {}, ["o"]), b: holdings({}), rows: ["o"], files: [] },
    { when: "a file is missing", a: holdings({}), b: holdings({}, { f: "x" }), rows: [], files: ["f"] },
    {
      when: "a file has other content",
      a: holdings({}, { f: "y" }),
      b: holdings({}, { f: "x" }),
      rows: [],
      files: ["f"],
    },
  ])("names what differs when $when", ({ a, b, rows, files }) => {
    expect(differences(a, b)).toEqual({ rows, files });
  });

  test("finds acknowledged rows and files that are gone or changed", () => {
    const held = holdings({ r1: "one", r2: "other" }, { f1: "hash" });
    const items = [
      acknowledged("row", "r1", "one"),
      acknowledged("row", "r2", "two"),
      acknowledged("row", "r3", "three"),
      acknowledged("file", "f1", "hash"),
      acknowledged("file", "f2", "hash"),
    ];
    expect(lost("row", items, held).map(({ id }) => id)).toEqual(["r2", "r3"]);
    expect(lost("file", items, held).map(({ id }) => id)).toEqual(["f2"]);
  });

  test.each([
    { when: "answered after what was safe", atMs: 9_001, isBeyond: false },
    { when: "answered exactly at it", atMs: 9_000, isBeyond: false },
    { when: "answered before it", atMs: 8_999, isBeyond: true },
  ])("a lost row $when is beyond the recovery point: $isBeyond", ({ atMs, isBeyond }) => {
    const found = lostBeyondRecoveryPoint([acknowledged("row", "r", "t", atMs)], { seconds: 1, readAtMs: 10_000 });
    expect(found.length === 1).toBe(isBeyond);
  });
});
