import { writeFile } from "node:fs/promises";
import { renderMetricsReference } from "../shared/core/metrics/metrics-reference.js";

// Run from the project's folder after a build.
await writeFile("docs/metrics.md", renderMetricsReference());
