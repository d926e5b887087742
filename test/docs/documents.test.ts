import { expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { documents } from "../../docs/documents.js";

test.each([...documents])("docs/%s is what is generated (npm run docs)", async (file, render) => {
  expect(await readFile(path.join("docs", file), "utf8")).toBe(render());
});

test("cells of the tables hold no bar and no line break", () => {
  for (const render of documents.values()) {
    for (const line of render()
      .split("\n")
      .filter((text) => text.startsWith("|"))) {
      expect([line, line.split("|").length]).toEqual([line, expect.any(Number)]);
      expect([5, 7]).toContain(line.split("|").length);
    }
  }
});
