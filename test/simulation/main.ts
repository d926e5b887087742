import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { summarise } from "./coverage.js";
import { runSeeds } from "./run-seeds.js";
import type { ScenarioResult } from "./scenario.js";
import { shrinkScenario } from "./shrink.js";

/**
 * `npm run simulate -- --runs N --seed S [--jobs J] [--missing] [--json]`: runs seeds S … S+N-1, J at a time; shrinks the
 * first one that violates an invariant, and exits 1. `--missing` names what no run has exercised.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      jobs: { type: "string", default: String(availableParallelism()) },
      missing: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const [runs, seed, jobs] = [Number(values.runs), Number(values.seed), Number(values.jobs)];
  if (!isCount(runs) || !isCount(jobs) || !Number.isInteger(seed)) {
    process.stderr.write("--runs and --jobs take a whole number from 1, --seed a whole number\n");
    process.exitCode = 2;
    return;
  }
  const results: ScenarioResult[] = [];
  const startedAtMs = performance.now();
  const seeds = Array.from({ length: runs }, (_, index) => seed + index);
  await runSeeds(seeds, jobs, (result) => {
    results.push(result);
    for (const violation of result.violations) process.stderr.write(`seed ${result.seed}: ${violation}\n`);
    if (results.length % 50 === 0) process.stderr.write(`${results.length} of ${runs} runs\n`);
  });
  const summary = { ...total(results, seed), seconds: round((performance.now() - startedAtMs) / 1000) };
  if (values.missing) for (const word of missingWords(results)) process.stderr.write(`never: ${word}\n`);
  await explainFirst(results);
  process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `${JSON.stringify(summary, undefined, 2)}\n`);
  process.exitCode = summary.violations > 0 ? 1 : 0;
}

function total(results: readonly ScenarioResult[], seed: number) {
  const sum = (pick: (result: ScenarioResult) => number): number =>
    results.reduce((before, one) => before + pick(one), 0);
  return {
    runs: results.length,
    seed,
    violations: sum((result) => result.violations.length),
    dualActiveSeconds: sum((result) => result.dualActiveSeconds),
    thawOverlapSeconds: round(sum((result) => result.thawOverlapSeconds)),
    assumptionOverlapSeconds: round(sum((result) => result.assumptionOverlapSeconds)),
    failovers: sum((result) => result.failovers),
    switchovers: sum((result) => result.switchovers),
    acknowledged: sum((result) => result.acknowledged),
    lostInFailover: sum((result) => result.lostInFailover),
    longestNameSeconds: round(Math.max(0, ...results.map((result) => result.longestNameSeconds))),
    coverage: summarise(results.map(wordsOf)).reached,
  };
}

function missingWords(results: readonly ScenarioResult[]): readonly string[] {
  return summarise(results.map(wordsOf)).missing;
}

function wordsOf({ coverage }: ScenarioResult) {
  return {
    transitions: new Set(coverage.transitions),
    steps: new Set(coverage.steps),
    criteria: new Set(coverage.criteria),
  };
}

/** The smallest run that still violates an invariant says more than the one that was found. */
async function explainFirst(results: readonly ScenarioResult[]): Promise<void> {
  const first = results
    .filter(({ violations }) => violations.length > 0)
    .sort((one, other) => one.seed - other.seed)[0];
  const smallest = first && (await shrinkScenario(first.seed));
  if (!smallest) return;
  const faults = smallest.faults.filter((fault) => fault !== "");
  process.stderr.write(`seed ${smallest.seed}, with as few faults as still violate an invariant:\n`);
  for (const line of [...faults, ...smallest.violations]) process.stderr.write(`  ${line}\n`);
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

await main();
