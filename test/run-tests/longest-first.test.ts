import { expect, test } from "@jest/globals";
import { rankFirst } from "./longest-first.js";

test("the longest come first in their order, the others keep theirs", () => {
  const paths = [
    "a.test.js",
    "simulation/simulation.test.js",
    "b.test.js",
    "integration/kill-at-every-step-primary.test.js",
  ];
  expect(rankFirst(paths, (path) => path)).toEqual([paths[3], paths[1], paths[0], paths[2]]);
});
