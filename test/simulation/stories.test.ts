import { beforeAll, describe, expect, test } from "@jest/globals";
import { summarise } from "./coverage.js";
import { readStories } from "./read-stories.js";
import { runInThread } from "./run-in-thread.js";
import { tellStory, type StoryResult } from "./story.js";

const stories = readStories("test/simulation/scenarios");
const results = new Map<string, StoryResult>();

beforeAll(async () => {
  await runInThread(new URL("./story-worker.js", import.meta.url), stories, (message) => {
    const result = message as StoryResult;
    results.set(result.name, result);
  });
}, 300_000);

describe("the named scenarios", () => {
  test("are at least sixty, each with a name of its own", () => {
    expect(new Set(stories.map(({ name }) => name)).size).toBe(stories.length);
    expect(stories.length).toBeGreaterThanOrEqual(60);
  });

  test.each(stories.map(({ name }) => name))("%s", (name) => {
    const { failures = ["it was not told"], log = [] } = results.get(name) ?? {};
    if (failures.length > 0) throw new Error([...failures, ...log].join("\n"));
  });

  test("know no sentence that means nothing", async () => {
    await expect(tellStory({ name: "", when: ["pigs fly"], then: [] })).rejects.toThrow("pigs fly");
  });

  test("say what did not come about", async () => {
    const { failures } = await tellStory({ name: "", when: ["5 s pass"], then: ["the secondary serves alone"] });
    expect(failures).toEqual(["not so: the secondary serves alone"]);
  });
});

test("they exercise every transition, every outcome of a step and every answer of a criterion", () => {
  const runs = [...results.values()].map(({ coverage }) => ({
    transitions: new Set(coverage.transitions),
    steps: new Set(coverage.steps),
    criteria: new Set(coverage.criteria),
  }));
  expect(summarise(runs).missing).toEqual([]);
});
