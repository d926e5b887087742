import { parseArgs } from "node:util";
import { stepNames } from "../../actor/core/switchover-plan.js";
import { runScenario, type ScenarioResult } from "./scenario.js";

/** `npm run simulate -- --runs N --seed S [--json]`: runs seeds S … S+N-1; exits 1 when one violates an invariant. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  const runs = Number(values.runs);
  const firstSeed = Number(values.seed);
  if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(firstSeed)) {
    process.stderr.write("--runs takes a whole number from 1, --seed a whole number\n");
    process.exitCode = 2;
    return;
  }
  const results: ScenarioResult[] = [];
  const startedAtMs = performance.now();
  for (let index = 0; index < runs; index += 1) {
    const result = await runScenario(firstSeed + index);
    results.push(result);
    for (const violation of result.violations) process.stderr.write(`seed ${result.seed}: ${violation}\n`);
    if ((index + 1) % 50 === 0) process.stderr.write(`${index + 1} of ${runs} runs\n`);
  }
  const sum = (pick: (result: ScenarioResult) => number): number =>
    results.reduce((total, one) => total + pick(one), 0);
  const steps = new Set(results.flatMap((result) => result.steps));
  const summary = {
    runs,
    seed: firstSeed,
    violations: sum((result) => result.violations.length),
    dualActiveSeconds: sum((result) => result.dualActiveSeconds),
    thawOverlapSeconds: round(sum((result) => result.thawOverlapSeconds)),
    assumptionOverlapSeconds: round(sum((result) => result.assumptionOverlapSeconds)),
    failovers: sum((result) => result.failovers),
    switchovers: sum((result) => result.switchovers),
    acknowledged: sum((result) => result.acknowledged),
    lostInFailover: sum((result) => result.lostInFailover),
    coverage: { steps: `${steps.size}/${stepNames.length}` },
    seconds: round((performance.now() - startedAtMs) / 1000),
  };
  process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `${JSON.stringify(summary, undefined, 2)}\n`);
  process.exitCode = summary.violations > 0 ? 1 : 0;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

await main();
