import { describe, expect, test } from "@jest/globals";
import { posix } from "node:path";
import { allFiles, read } from "./code-base.js";

const textFiles = allFiles.filter((file) => !/\.(png|ico|gz|zip|pem|der|bin)$/.test(file));

/** Written in pieces, so that this file does not find itself. */
const machineTraces: readonly { readonly when: string; readonly text: RegExp }[] = [
  {
    when: "a path of somebody's machine",
    text: new RegExp(["(?<![\\w.])/(work", "root", "Users", "home/\\w+)/"].join("|/")),
  },
  {
    when: "the host of a package registry",
    text: new RegExp(["registry\\.npm", "js|artifac", "tory|/npm-pr", "oxy"].join("")),
  },
  { when: "a resolved address in the lock file", text: new RegExp('"resol' + 'ved": "https?:') },
];

describe("documents", () => {
  test.each(machineTraces)("no tracked file holds $when", ({ text }) => {
    expect(textFiles.filter((file) => text.test(read(file)))).toEqual([]);
  });

  test("the README gives the two commands, exactly", () => {
    const lines = read("README.md").split("\n");
    expect(lines).toContain("npm ci && npm run demo");
    expect(lines).toContain("npm ci && npm test");
  });

  test("the README's map names every folder at the top", () => {
    const map = /## Map of folders\n([\s\S]*?)\n## /.exec(read("README.md"))?.[1] ?? "";
    const named = [...map.matchAll(/^\| `([\w-]+)\/` /gm)].map(([, name]) => name).sort();
    const folders = new Set(allFiles.filter((file) => /^[a-z][\w-]*\//.test(file)).map((file) => file.split("/")[0]));
    expect([...folders].filter((folder) => !named.includes(folder)).sort()).toEqual([]);
  });

  test("decisions are numbered without a gap or a double and say what was decided and why", () => {
    const files = allFiles.filter((file) => file.startsWith("docs/decisions/"));
    const numbers = files.map((file) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(posix.basename(file))?.[1]));
    expect(numbers).toEqual(files.map((_, index) => index + 1));
    const wrong = files.filter((file) => !/^# \d{4}:? .+\n[\s\S]*\n## Decision\n[\s\S]*\n## Why/.test(read(file)));
    expect(wrong).toEqual([]);
  });

  test("relative links of documents lead to files that exist", () => {
    const documents = allFiles.filter((file) => file.endsWith(".md"));
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, link]) => posix.join(posix.dirname(file), link ?? ""))
        .filter(
          (target) => !allFiles.some((known) => known === target || known.startsWith(`${target.replace(/\/$/, "")}/`)),
        )
        .map((target) => `${file} → ${target}`),
    );
    expect(broken).toEqual([]);
  });
});
