import { expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { documents } from "../../docs/documents.js";

test.each([...documents])("docs/%s is what is generated (npm run docs)", async (file, render) => {
  expect(await readFile(path.join("docs", file), "utf8")).toBe(render());
});

test.each([...documents])("docs/%s: every row of a table has as many cells as its heading", (_file, render) => {
  const tables = render()
    .split(/\n(?!\|)/)
    .map((part) => part.trim())
    .filter((part) => part.startsWith("|"));
  expect(tables.length).toBeGreaterThan(0);
  for (const table of tables) {
    const rows = table.split("\n");
    expect(rows.filter((row) => row.split("|").length !== rows[0]!.split("|").length)).toEqual([]);
  }
});
