import { expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { renderMetricsReference } from "../../../../shared/core/metrics/metrics-reference.js";

test("docs/metrics.md is what the catalogue says (npm run build; node dist/exporter/generate-metrics-reference.js)", async () => {
  expect(await readFile("docs/metrics.md", "utf8")).toBe(renderMetricsReference());
});
