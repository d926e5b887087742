import { describe, expect, test } from "@jest/globals";
import { importsOf, read, sourceFiles, withoutComments } from "./code-base.js";

const coreFiles = sourceFiles.filter((file) => /(^|\/)core\//.test(file) && !file.startsWith("test/"));

/** Packages that only compute. Everything else a core would import could do I/O. */
const purePackages = new Set(["ignore", "zod", "node:crypto", "node:buffer", "yaml"]);

const impure: readonly { readonly when: string; readonly text: RegExp }[] = [
  { when: "no await", text: /\bawait\s/ },
  { when: "no async function", text: /\basync[\s(]/ },
  { when: "no clock", text: /\bDate\.now\(|\bnew Date\(\)|\bperformance\./ },
  { when: "no randomness", text: /\bMath\.random\b|\brandom(Bytes|UUID|Int|FillSync)\b|\bgetRandomValues\b/ },
  { when: "no environment", text: /\bprocess\.\w/ },
  { when: "no logging", text: /\bconsole\.\w/ },
  { when: "no timer", text: /\b(setTimeout|setInterval|setImmediate)\(/ },
  { when: "no network", text: /\bfetch\(/ },
];

describe("a folder named core is pure", () => {
  test.each(impure)("$when", ({ text }) => {
    expect(coreFiles.filter((file) => text.test(withoutComments(read(file))))).toEqual([]);
  });

  test("it imports no package that could do I/O", () => {
    const wrong = coreFiles.flatMap(importsOf).filter(({ to }) => !to.endsWith(".ts") && !purePackages.has(to));
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("there is a core to look at", () => {
    expect(coreFiles.length).toBeGreaterThan(5);
  });
});
