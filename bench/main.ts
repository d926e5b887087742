import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench } from "./bench.js";
import { benches } from "./benches.js";
import type { CaseResult } from "./case-result.js";
import { describeResults } from "./describe-results.js";
import { endStartedPrograms } from "./programs.js";
import { runCase } from "./run-case.js";

/** `npm run bench -- <name>`: bench/README.md says how to call it and how to read what it says. */

const memoryFolder = "/dev/shm";
const fewestRounds = 5;
const folders: string[] = [];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    case: { type: "string", multiple: true, default: [] },
    peer: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", default: String(fewestRounds) },
    scale: { type: "string", default: "1" },
    folder: { type: "string", default: tmpdir() },
    list: { type: "boolean", default: false },
  },
});

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function fail(text: string): never {
  note(text);
  process.exit(2);
}

function chooseBench(): Bench {
  const bench = benches.find(({ name }) => name === positionals[0]);
  if (bench !== undefined && positionals.length === 1) return bench;
  return fail(`usage: npm run bench -- ${benches.map(({ name }) => name).join("|")} [--json] [--case NAME]…`);
}

function readNumber(option: "rounds" | "scale", least: number): number {
  const value = Number(values[option]);
  return Number.isFinite(value) && value >= least
    ? value
    : fail(`--${option} ${values[option]}: it must be a number, ${least} or more`);
}

async function run(bench: Bench): Promise<CaseResult[]> {
  const names = bench.cases.map(({ name }) => name);
  const unknown = values.case.find((name) => !names.includes(name));
  if (unknown !== undefined) fail(`--case ${unknown}: the cases are ${names.join(", ")}`);
  const chosen = bench.cases.filter(({ name, isOnRequest }) =>
    values.case.length > 0 ? values.case.includes(name) : isOnRequest !== true,
  );
  const rounds = readNumber("rounds", 1);
  if (rounds < fewestRounds) note(`fewer than ${fewestRounds} rounds: good for a look, not for a figure to keep`);
  const folder = makeFolder(values.folder);
  const inMemory = existsSync(memoryFolder) ? makeFolder(memoryFolder) : folder;
  const results: CaseResult[] = [];
  try {
    for (const one of chosen) {
      note(`== ${one.name}: ${one.title}`);
      const options = {
        rounds,
        peers: values.peer,
        scale: readNumber("scale", 0),
        folder,
        memoryFolder: inMemory,
        note,
      };
      results.push(...(await runCase(one, options)));
    }
  } finally {
    await cleanUp();
  }
  return results;
}

function makeFolder(place: string): string {
  const folder = mkdtempSync(join(place, "sparesync-bench-"));
  folders.push(folder);
  return folder;
}

async function cleanUp(): Promise<void> {
  await endStartedPrograms();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void cleanUp().finally(() => process.exit(130));
  });
}

const bench = chooseBench();
if (values.list) {
  for (const { name, title, isOnRequest } of bench.cases) {
    console.log(`${name}: ${title}${isOnRequest === true ? " (on request)" : ""}`);
  }
} else {
  const loadBefore = loadavg()[0] ?? 0;
  const cases = await run(bench);
  note(describeResults(cases));
  const machine = {
    processors: cpus().length,
    model: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    system: `${process.platform} ${release()}`,
    node: process.version,
    loadBefore,
  };
  const scale = readNumber("scale", 0);
  if (values.json) {
    console.log(JSON.stringify({ bench: bench.name, cases, scale, machine, at: new Date().toISOString() }));
  }
}
