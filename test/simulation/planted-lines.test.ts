import { describe, expect, test } from "@jest/globals";
import { plantedLines, plantLines, type PlantedLineName } from "./planted-lines.js";
import { runSeedsInThread, violationsOf } from "./run-seeds.js";

const names = Object.keys(plantedLines) as PlantedLineName[];

describe("with one line of the program left out, the simulation finds that", () => {
  test.each(names)(
    "%s",
    async (name) => {
      const { faults, isFoundBy } = plantedLines[name];
      const { root, remove } = plantLines(name);
      try {
        const results = await runSeedsInThread(1, 500, { faults, isFirstEnough: true, program: root });
        expect(violationsOf(results).join("\n")).toMatch(isFoundBy);
      } finally {
        remove();
      }
    },
    240_000,
  );
});

test("with every line in its place, the same faults show nothing", async () => {
  const faults = [...new Set(names.flatMap((name) => plantedLines[name].faults))];
  expect(violationsOf(await runSeedsInThread(1, 12, { faults }))).toEqual([]);
}, 240_000);
