import { expect, test } from "@jest/globals";
import { readFile, writeFile } from "node:fs/promises";
import { metricCatalogue } from "../../shared/core/metric-catalogue.js";
import { scrapeEverything } from "../support/full-scrape.js";

const file = "test/fixtures/scrape.txt";

/** What somebody's rules and dashboards rely on: names, help, types and labels. Values and versions come and go. */
function withoutValues(text: string): string {
  return text
    .split("\n")
    .filter((line) => /^(?:# (?:HELP|TYPE) )?sparesync_/.test(line))
    .map((line) => (line.startsWith("#") ? line : line.slice(0, line.lastIndexOf(" "))))
    .map((line) => line.replace(/(node_version=)"[^"]*"/, '$1"…"'))
    .join("\n");
}

test("a scrape has the names, help texts, types and labels of the golden file; UPDATE_SCRAPE=1 writes it anew", async () => {
  const text = await scrapeEverything();
  const golden = `${withoutValues(text)}\n`;
  if (process.env["UPDATE_SCRAPE"] === "1") await writeFile(file, golden);
  expect(golden).toBe(await readFile(file, "utf8"));
  // Nothing that there are metrics for is missing from it.
  expect(Object.keys(metricCatalogue).filter((name) => !golden.includes(`# TYPE ${name} `))).toEqual([]);
  expect(text).toMatch(/^process_cpu_seconds_total /m);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
});
