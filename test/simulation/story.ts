import { serverNames } from "../../shared/core/server-name.js";
import type { Coverage } from "./coverage.js";
import { conditions } from "./story-conditions.js";
import { events } from "./story-events.js";
import { givens } from "./story-givens.js";
import { World } from "./world.js";

/** A named scenario as its file has it: sentences of a small vocabulary. */
export interface Story {
  readonly name: string;
  readonly given?: readonly string[];
  readonly when: readonly string[];
  readonly then: readonly string[];
}

export interface StoryResult {
  readonly name: string;
  /** What did not happen as it is told; empty when all did. */
  readonly failures: readonly string[];
  readonly dualActiveSeconds: number;
  readonly coverage: { readonly [Kind in keyof Coverage]: readonly string[] };
  /** The log of both servers, for who looks for the reason of a failure. */
  readonly log: readonly string[];
}

/** What a sentence may look at and change besides the world. */
export interface Telling {
  readonly world: World;
  /** The answers that operators got, in the order of their questions. */
  readonly answers: { kind: string; text: string; operationId: string }[];
  /** Names the overlap that the told faults may bring about: nothing, or the documented assumption. */
  isAssumptionTold: boolean;
}

/** A pattern and what it means; the groups of the pattern are the words. */
export type Phrase<Meaning> = readonly [RegExp, Meaning];
export type Condition = (telling: Telling, ...words: string[]) => boolean;

const settleSeconds = 20;
const waitSeconds = 400;

/** Tells one scenario: begins, lets happen what is told, and compares. */
export async function tellStory(story: Story, seed = 42): Promise<StoryResult> {
  const world = new World(seed);
  const telling: Telling = { world, answers: [], isAssumptionTold: false };
  const failures: string[] = [];
  for (const sentence of story.given ?? []) say(givens, sentence)(telling);
  await world.start();
  await world.runUntil(settleSeconds);
  for (const sentence of story.when) {
    if (!(await happen(telling, sentence))) {
      failures.push(`"${sentence}" did not come about within ${waitSeconds} s`);
      break;
    }
  }
  for (const sentence of story.then) {
    if (!say(conditions, sentence)(telling)) failures.push(`not so: ${sentence}`);
  }
  failures.push(...judge(telling));
  return { name: story.name, failures, dualActiveSeconds: world.dualActiveSeconds, ...seen(world) };
}

/** `60 s pass`, `until …`, `then …` or an event. */
async function happen(telling: Telling, sentence: string): Promise<boolean> {
  const { world } = telling;
  const nowSeconds = world.time.nowMs / 1000;
  const passing = /^([\d.]+) s pass$/.exec(sentence);
  if (passing) {
    await world.runUntil(nowSeconds + Number(passing[1]));
    return true;
  }
  const awaited = /^until (.+)$/.exec(sentence);
  if (awaited) {
    const holds = say(conditions, awaited[1] ?? "");
    return world.runUntil(nowSeconds + waitSeconds, () => holds(telling));
  }
  const claimed = /^then (.+)$/.exec(sentence);
  if (claimed) return say(conditions, claimed[1] ?? "")(telling);
  say(events, sentence)(telling);
  return true;
}

/** Throws for a sentence that the vocabulary does not know: a scenario that says nothing must not pass. */
function say<Result>(
  phrases: readonly Phrase<(telling: Telling, ...words: string[]) => Result>[],
  sentence: string,
): (telling: Telling) => Result {
  for (const [pattern, meaning] of phrases) {
    const match = pattern.exec(sentence);
    if (match) return (telling) => meaning(telling, ...match.slice(1));
  }
  throw new Error(`the vocabulary has no sentence "${sentence}"`);
}

/** What holds at the end of every scenario, told or not. */
function judge({ world, isAssumptionTold }: Telling): string[] {
  const failures = [...world.violations, ...world.nameServer.violations];
  if (world.dualActiveSeconds > 0 && !isAssumptionTold)
    failures.push(`both servers served for ${world.dualActiveSeconds.toFixed(1)} s`);
  return failures;
}

function seen(world: World): Pick<StoryResult, "coverage" | "log"> {
  for (const name of serverNames) {
    for (const { criteria } of world.host(name).decided) world.coverage.noteCriteria(criteria);
  }
  const { transitions, steps, criteria } = world.coverage;
  return {
    coverage: { transitions: [...transitions], steps: [...steps], criteria: [...criteria] },
    log: serverNames.flatMap((name) => world.host(name).log),
  };
}
