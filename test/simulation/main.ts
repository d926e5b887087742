import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { summarise } from "./coverage.js";
import { readStories } from "./read-stories.js";
import { runInThread } from "./run-in-thread.js";
import { runSeeds } from "./run-seeds.js";
import type { ScenarioResult } from "./scenario.js";
import { shrinkScenario } from "./shrink.js";
import type { StoryResult } from "./story.js";

/**
 * `npm run simulate -- --runs N --seed S [--jobs J] [--assumption] [--scenarios] [--missing] [--json]`: runs seeds
 * S … S+N-1, J at a time; shrinks the first one that violates an invariant, and exits 1. `--assumption` runs pairs that rest on
 * the accepted assumption in place of a proof. `--scenarios` tells the named scenarios as well and counts what they exercise.
 * `--missing` names what nothing has exercised.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      jobs: { type: "string", default: String(availableParallelism()) },
      assumption: { type: "boolean", default: false },
      scenarios: { type: "boolean", default: false },
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
  const options = { isAssumption: values.assumption };
  const note = (result: ScenarioResult): void => {
    results.push(result);
    for (const violation of result.violations) process.stderr.write(`seed ${result.seed}: ${violation}\n`);
    if (results.length % 50 === 0) process.stderr.write(`${results.length} of ${runs} runs\n`);
  };
  await runSeeds(seeds, jobs, note, options);
  const told = values.scenarios ? await tellScenarios() : [];
  const exercised = summarise([...results, ...told].map(wordsOf));
  const summary = {
    ...total(results, seed),
    pairs: values.assumption ? "assumption" : "proof",
    coverage: exercised.reached,
    ...(values.scenarios ? describeScenarios(results, told) : {}),
    seconds: round((performance.now() - startedAtMs) / 1000),
  };
  if (values.missing) for (const word of exercised.missing) process.stderr.write(`never: ${word}\n`);
  await explainFirst(results, options);
  process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `${JSON.stringify(summary, undefined, 2)}\n`);
  process.exitCode = summary.violations > 0 || told.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

function total(results: readonly ScenarioResult[], seed: number) {
  const sum = (pick: (result: ScenarioResult) => number): number =>
    results.reduce((before, one) => before + pick(one), 0);
  return {
    runs: results.length,
    seed,
    withWitness: results.filter(({ hasWitness }) => hasWitness).length,
    violations: sum((result) => result.violations.length),
    dualActiveSeconds: sum((result) => result.dualActiveSeconds),
    documentedExceptionSeconds: round(sum((result) => result.documentedExceptionSeconds)),
    thawOverlapSeconds: round(sum((result) => result.thawOverlapSeconds)),
    assumptionOverlapSeconds: round(sum((result) => result.assumptionOverlapSeconds)),
    failovers: sum((result) => result.failovers),
    switchovers: sum((result) => result.switchovers),
    acknowledged: sum((result) => result.acknowledged),
    lostInFailover: sum((result) => result.lostInFailover),
    longestNameSeconds: round(Math.max(0, ...results.map((result) => result.longestNameSeconds))),
  };
}

async function tellScenarios(): Promise<readonly StoryResult[]> {
  const told: StoryResult[] = [];
  const stories = readStories("test/simulation/scenarios");
  await runInThread(new URL("./story-worker.js", import.meta.url), stories, (message) => {
    const result = message as StoryResult;
    told.push(result);
    for (const failure of result.failures) process.stderr.write(`${result.name}: ${failure}\n`);
  });
  return told;
}

/** What the seeds alone and the scenarios alone have exercised; `coverage` is both together. */
function describeScenarios(results: readonly ScenarioResult[], told: readonly StoryResult[]) {
  return {
    scenarios: { told: told.length, failed: told.filter(({ failures }) => failures.length > 0).length },
    coverageOfSeeds: summarise(results.map(wordsOf)).reached,
    coverageOfScenarios: summarise(told.map(wordsOf)).reached,
  };
}

function wordsOf({ coverage }: Pick<ScenarioResult, "coverage">) {
  return {
    transitions: new Set(coverage.transitions),
    steps: new Set(coverage.steps),
    criteria: new Set(coverage.criteria),
  };
}

/** The smallest run that still violates an invariant says more than the one that was found. */
async function explainFirst(results: readonly ScenarioResult[], options: { isAssumption: boolean }): Promise<void> {
  const first = results
    .filter(({ violations }) => violations.length > 0)
    .sort((one, other) => one.seed - other.seed)[0];
  const smallest = first && (await shrinkScenario(first.seed, options));
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
