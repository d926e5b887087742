import { writeFile } from "node:fs/promises";
import path from "node:path";
import { documents } from "./documents.js";

// Started from the project's root by `npm run docs`.
for (const [file, render] of documents) await writeFile(path.join("docs", file), render());
