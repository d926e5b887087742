import { beforeAll, describe, expect, test } from "@jest/globals";
import { decidePartition, type Partition, partitions, witnessPartitions } from "../../actor/core/partition-table.js";
import { runInThread } from "./run-in-thread.js";
import type { Story, StoryResult } from "./story.js";

const nameOf = (partition: Partition): string => {
  const { active, updateServerSite, isLinkCut, isPrimaryCut, isSecondaryCut, cutFromWitness } = partition;
  return [
    `${active} active, update server ${updateServerSite}`,
    isLinkCut ? "no link" : "",
    isPrimaryCut ? "primary without update server" : "",
    isSecondaryCut ? "secondary without update server" : "",
    cutFromWitness === undefined ? "" : `a witness, cut from ${cutFromWitness.join(" and ") || "nobody"}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
};

/** The row as a scenario: the lines are cut, everybody notices, and who serves is who the table names. */
function storyOf(partition: Partition): Story {
  const { serving } = decidePartition(partition);
  const { active, updateServerSite, isLinkCut, isPrimaryCut, isSecondaryCut, cutFromWitness } = partition;
  const given = [
    ...(cutFromWitness === undefined ? [] : ["there is a witness"]),
    ...(active === "secondary" ? ["the secondary serves after a switchover"] : []),
    ...(updateServerSite === "secondary" ? ["the update server stands at the secondary"] : []),
  ];
  const when = [
    ...(cutFromWitness ?? []).flatMap((name) => [
      `no message comes from the ${name} to the witness`,
      `no message comes from the witness to the ${name}`,
    ]),
    ...(isPrimaryCut ? ["the primary loses the update server"] : []),
    ...(isSecondaryCut ? ["the secondary loses the update server"] : []),
    ...(isLinkCut ? ["the link is cut"] : []),
    "200 s pass",
  ];
  const then =
    serving.length === 2
      ? ["both served for a while, which the assumption excludes"]
      : [serving[0] === undefined ? "nobody serves" : `the ${serving[0]} serves`];
  return { name: nameOf(partition), given, when, then };
}

const stories = [...partitions, ...witnessPartitions].map(storyOf);
const results = new Map<string, StoryResult>();

beforeAll(async () => {
  await runInThread(new URL("./story-worker.js", import.meta.url), stories, (message) => {
    const result = message as StoryResult;
    results.set(result.name, result);
  });
}, 240_000);

describe("in each partition serves who the table of the documents names", () => {
  test.each(stories.map(({ name }) => name))("%s", (name) => {
    const { failures = ["it was not told"], log = [] } = results.get(name) ?? {};
    if (failures.length > 0) throw new Error([...failures, ...log.slice(-40)].join("\n"));
  });

  test("with a witness two never serve, and losing it alone costs no service", () => {
    const outcomes = witnessPartitions.map(decidePartition);
    expect(outcomes.filter(({ serving }) => serving.length > 1)).toEqual([]);
    const idle = outcomes.filter(({ serving }) => serving.length === 0);
    expect(idle.every(({ partition }) => partition.isPrimaryCut && partition.isLinkCut)).toBe(true);
    expect(witnessPartitions).toHaveLength(24);
  });

  test("two serve only where the assumption excludes the partition", () => {
    const double = partitions.map(decidePartition).filter(({ serving }) => serving.length > 1);
    expect(double.map(({ partition }) => partition)).toEqual([
      { active: "primary", updateServerSite: "secondary", isLinkCut: true, isPrimaryCut: true, isSecondaryCut: false },
    ]);
  });
});
