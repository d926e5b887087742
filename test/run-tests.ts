import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { canInstall, installPackages } from "./run-tests/install-on-debian.js";
import { isMissing, type NeededProgram, neededPrograms, programsNeededBy } from "./run-tests/needed-programs.js";
import {
  add,
  closingLine,
  exitCode,
  type JestReport,
  nothing,
  type Outcome,
  outcomeOfJest,
} from "./run-tests/outcome.js";

/**
 * `npm test`: sees to the real servers, then lints and runs a short simulation, every test and the demonstration, and
 * closes with one line of numbers. The build came before it (it is how this file came to run).
 */

const root = resolve(import.meta.dirname, "../..");
const mustHaveAll = process.env["CI"] === "true";
/** A hanging test must not hang the run. */
const partLimitMs = 60 * 60_000;

interface Part {
  readonly title: string;
  readonly args: readonly string[];
}

/** What needs a processor and nothing else; those of one list one after the other, the lists side by side. */
const checks: readonly (readonly Part[])[] = [
  [{ title: "ESLint", args: ["node_modules/eslint/bin/eslint.js", "."] }],
  [
    { title: "Prettier", args: ["node_modules/prettier/bin/prettier.cjs", "--check", "."] },
    {
      title: "simulation of the ownership rules, 200 runs",
      args: ["dist/test/simulation/main.js", "--runs", "200", "--seed", "1", "--jobs", "1", "--json"],
    },
  ],
];

const demonstration: Part = { title: "demonstration", args: ["dist/demo/main.js", "--json"] };

async function main(): Promise<void> {
  const missing = seeToPrograms();
  const checked = await Promise.all(checks.map(runInOrder));
  const outcomes = [...checked, await runJest(missing), await runPart(demonstration)];
  const outcome = outcomes.reduce(add, nothing);
  console.log(closingLine(outcome));
  process.exitCode = exitCode(outcome);
}

async function runInOrder(parts: readonly Part[]): Promise<Outcome> {
  let outcome = nothing;
  for (const part of parts) outcome = add(outcome, await runPart(part));
  return outcome;
}

/** Installs what is missing where that is possible; returns what is missing still. */
function seeToPrograms(): readonly NeededProgram[] {
  const missing = neededPrograms.filter((program) => isMissing(program));
  if (missing.length === 0) return [];
  if (canInstall()) installPackages([...new Set(missing.map((program) => program.debianPackage))]);
  const stillMissing = missing.filter((program) => isMissing(program));
  for (const { name, debianPackage, elsewhere } of stillMissing) {
    console.log(`missing: ${name}. Debian: apt-get install ${debianPackage}; elsewhere: ${elsewhere}`);
  }
  return stillMissing;
}

async function runPart({ title, args }: Part): Promise<Outcome> {
  console.log(`\n== ${title}`);
  const isGood = (await run(args)) === 0;
  console.log(`== ${title}: ${isGood ? "passed" : "FAILED"}`);
  return isGood ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function runJest(missing: readonly NeededProgram[]): Promise<Outcome> {
  const files = testFiles(join(root, "test")).map((file) => file.slice(root.length + 1));
  const cannotRun = files
    .filter((file) => /^test\/(integration|contract)\//.test(file))
    .filter((file) => programsNeededBy(file, root).some((program) => missing.includes(program)));
  // In CI they run and fail with the name of the missing program: there nothing may be left out quietly.
  const left = mustHaveAll ? files : files.filter((file) => !cannotRun.includes(file));
  const skipped = files.length - left.length;
  if (!mustHaveAll) for (const file of cannotRun) console.log(`not run (see "missing" above): ${file}`);

  console.log("\n== tests");
  const folder = mkdtempSync(join(tmpdir(), "sparesync-tests-"));
  try {
    const reportFile = join(folder, "report.json");
    // The files are named from the sources: a compiled test whose source is gone must not run.
    const compiled = left.map((file) => join("dist", file.replace(/\.ts$/, ".js")));
    const options = ["--maxWorkers=2", "--json", `--outputFile=${reportFile}`, "--runTestsByPath"];
    const code = await run(["node_modules/jest/bin/jest.js", ...options, ...compiled], "--experimental-vm-modules");
    const unreported: Outcome = { passed: 0, failed: 1, skipped };
    if (!existsSync(reportFile)) return unreported;
    const outcome = outcomeOfJest(JSON.parse(readFileSync(reportFile, "utf8")) as JestReport);
    // Jest can also fail as a whole (a file that is not there, no test found) with no failed test in its report.
    const isUnexplained = code !== 0 && outcome.failed === 0;
    return add(outcome, isUnexplained ? unreported : { passed: 0, failed: 0, skipped });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name))
    .sort();
}

/** Runs Node with arguments in the project's folder, output shown; resolves to the exit code, 1 after the limit. */
function run(args: readonly string[], nodeOptions = ""): Promise<number> {
  return new Promise((done) => {
    const environment = { ...process.env, NODE_OPTIONS: nodeOptions, NODE_NO_WARNINGS: "1" };
    const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit", env: environment });
    const timer = setTimeout(() => child.kill("SIGKILL"), partLimitMs);
    child.on("close", (code) => {
      clearTimeout(timer);
      done(code ?? 1);
    });
    child.on("error", () => {
      clearTimeout(timer);
      done(1);
    });
  });
}

await main();
