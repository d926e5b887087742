import { writeFile } from "node:fs/promises";
import { generatedFiles } from "./generated-files.js";

// Run from the project's folder: node dist/alert-rules/generate-alert-rules.js
for (const [file, content] of Object.entries(generatedFiles)) await writeFile(file, content);
