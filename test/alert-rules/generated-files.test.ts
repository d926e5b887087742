import { expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { generatedFiles } from "../../alert-rules/generated-files.js";

test.each(Object.entries(generatedFiles))(
  "%s is what the catalogues say (npm run build; node dist/alert-rules/generate-alert-rules.js)",
  async (file, content) => {
    expect(await readFile(file, "utf8")).toBe(content);
  },
);
