import { describe, expect, test } from "@jest/globals";
import { posix } from "node:path";
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import type { CliIo } from "../../cli/cli-io.js";
import { createProgram } from "../../cli/sparesync.js";
import { createSystemClock } from "../../shared/system-clock.js";
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

  test("paths that documents give in backticks exist", () => {
    const documents = allFiles.filter((file) => file.endsWith(".md"));
    const folders = [...new Set(allFiles.map((file) => file.split("/")[0]))].filter((folder) => folder !== undefined);
    const path = new RegExp(
      `\`((?:${folders.map((folder) => folder.replace(".", "\\.")).join("|")})/[\\w./-]+)\``,
      "g",
    );
    const wrong = documents.flatMap((file) =>
      [...read(file).matchAll(path)]
        .map(([, named]) => named ?? "")
        .filter(
          (named) => !allFiles.some((known) => known === named || known.startsWith(`${named.replace(/\/$/, "")}/`)),
        )
        .map((named) => `${file} → ${named}`),
    );
    expect(wrong).toEqual([]);
    const named = documents.flatMap((file) => [...read(file).matchAll(path)]);
    expect(named.length).toBeGreaterThan(30);
  });

  test("the steps that ARCHITECTURE.md walks through are steps", () => {
    const steps = [...read("ARCHITECTURE.md").matchAll(/`([\w-]+\.ts)`/g)].map(([, name]) => name ?? "");
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.filter((name) => !allFiles.includes(`actor/operations/steps/${name}`))).toEqual([]);
  });

  test("commands in documents exist, with their options and what is mandatory", () => {
    const program = createProgram({ io: silentIo, answer: () => Promise.resolve() });
    const lines = allFiles
      .filter((file) => /^(README|docs\/.*)\.md$/.test(file))
      .flatMap((file) =>
        [...read(file).matchAll(/(?:`|^npx )(sparesync [^`#\n]+)/gm)].map(([, line]) => line?.trim() ?? ""),
      );
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.flatMap((line) => mistakesOf(line, program).map((mistake) => `${line}: ${mistake}`))).toEqual([]);
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

const silentIo: CliIo = {
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  env: {},
  isInteractive: false,
  clock: createSystemClock(),
  interruption: () => new AbortController().signal,
};

/** A command line with options is to be typed as it stands; one without only names the command. */
function mistakesOf(line: string, program: Command): readonly string[] {
  const [, name = "", ...words] = line.split(/\s+/);
  if (name.startsWith("-")) return [];
  const group = program.commands.find((one) => one.name() === name);
  if (group === undefined) return ["no such command"];
  const command = group.commands.find((one) => one.name() === words[0]) ?? group;
  const given = words.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0] ?? "");
  const known = ["--help", ...command.options.map((option) => option.long ?? "")];
  const unknown = given.filter((option) => !known.includes(option)).map((option) => `no option ${option}`);
  const isWhole = given.length > 0 && !given.includes("--help");
  const missing = command.options
    .filter((option) => isWhole && option.mandatory && !given.includes(option.long ?? ""))
    .map((option) => `${option.long ?? ""} is missing`);
  return [...unknown, ...missing];
}
