import { expect, test } from "@jest/globals";
import type { Acknowledgement } from "../../demo/client.js";
import { unreported } from "../../demo/divergence.js";

const row: Acknowledgement = { kind: "row", id: "r1", content: "", server: "primary", sentAtMs: 0, atMs: 0 };
const file: Acknowledgement = { ...row, kind: "file", id: "f1" };

test("what is lost and named by a report of its kind is reported; nothing else is", () => {
  const reports = [
    {
      kind: "database",
      name: "shop",
      examples: [
        { table: "t", key: { id: "r1" } },
        { table: "t", key: { id: "f2" } },
      ],
    },
    { kind: "folder", name: "uploads", examples: [{ path: "f1" }, { path: "r2" }] },
  ];
  const lost = [row, file, { ...row, id: "r2" }, { ...file, id: "f2" }];
  expect(unreported(lost, JSON.stringify({ ok: true, reports })).map(({ id }) => id)).toEqual(["r2", "f2"]);
  expect(unreported([row], JSON.stringify({ ok: true, reports: [] }))).toEqual([row]);
});
