import { describe, expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { decisionRecord, recordDecision, replayDecision } from "../../../actor/core/decision-record.js";
import { decideFailover, failoverCriteria } from "../../../actor/core/failover-criteria.js";
import type { FailoverFacts, FailoverLimits } from "../../../actor/core/failover-facts.js";
import { failoverLimits } from "../../../actor/core/failover-limits.js";
import { sampleSettings } from "../../support/sample-settings.js";

const folder = "test/actor/core/decisions";

const recorded = z.array(
  z.strictObject({
    when: z.string(),
    /** What is otherwise than in base.yml; null: not known. */
    facts: z.record(z.string(), z.unknown()).default({}),
    limits: z.record(z.string(), z.unknown()).default({}),
    decision: z.enum(["stay", "ask-the-operator", "fail-over"]),
    because: z.string(),
  }),
);

function readYaml(name: string): unknown {
  return parse(readFileSync(`${folder}/${name}`, "utf8"));
}

const base = readYaml("base.yml") as { readonly facts: FailoverFacts; readonly limits: FailoverLimits };
const cases = readdirSync(folder)
  .filter((name) => name !== "base.yml")
  .sort()
  .flatMap((name) => recorded.parse(readYaml(name)).map((one) => ({ file: name.replace(".yml", ""), ...one })));

/** The facts of a case, checked as those of a kept decision are: a misspelt key is an error, not a fact left out. */
function inputsOf({ facts, limits }: (typeof cases)[number]): {
  readonly facts: FailoverFacts;
  readonly limits: FailoverLimits;
} {
  for (const key of Object.keys(facts)) if (!(key in base.facts)) throw new Error(`there is no fact ${key}`);
  for (const key of Object.keys(limits)) if (!(key in base.limits)) throw new Error(`there is no limit ${key}`);
  const changed = Object.entries({ ...base.facts, ...facts }).map(([key, value]) => [key, value ?? undefined]);
  return { facts: Object.fromEntries(changed) as FailoverFacts, limits: { ...base.limits, ...limits } };
}

describe("the recorded decisions", () => {
  test("are at least 300, each with a sentence of its own, from the defaults of the settings", () => {
    expect(cases.length).toBeGreaterThanOrEqual(300);
    const sentences = cases.map(({ when }) => when);
    expect(sentences.filter((one, index) => sentences.indexOf(one) !== index)).toEqual([]);
    expect(base.limits).toEqual(failoverLimits(sampleSettings()));
  });

  test.each(cases)("$file: $when: $decision", (one) => {
    const { facts, limits } = inputsOf(one);
    const made = decideFailover(facts, limits);
    expect([made.decision, made.because]).toEqual([one.decision, one.because]);
    // As it is kept and read again elsewhere.
    const name = { id: "d", decidedAtMs: 1, isObservedOnly: false };
    const kept = decisionRecord.parse(JSON.parse(JSON.stringify(recordDecision(name, made, facts, limits))));
    const again = replayDecision(kept);
    expect([again.isSame, again.decision]).toEqual([true, made]);
  });

  test("have every criterion met and not met, and unmet ones by themselves", () => {
    const seen = new Set<string>();
    const alone = new Set<string>();
    for (const one of cases) {
      const { facts, limits } = inputsOf(one);
      const { criteria } = decideFailover(facts, limits);
      for (const { name, met } of criteria) seen.add(`${name} ${met ? "met" : "not met"}`);
      const unmet = criteria.filter(({ met }) => !met);
      if (unmet[0] && unmet.length === 1) alone.add(unmet[0].name);
    }
    const names = failoverCriteria.map(({ name }) => name);
    expect([...seen].sort()).toEqual(names.flatMap((name) => [`${name} met`, `${name} not met`]).sort());
    expect([...alone].sort()).toEqual([...names].sort());
  });
});
