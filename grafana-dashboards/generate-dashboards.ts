import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { generatedDashboards } from "./dashboards.js";

// Run from the project's folder: node dist/grafana-dashboards/generate-dashboards.js
for (const [file, content] of Object.entries(generatedDashboards)) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}
