import type sequencer from "@jest/test-sequencer";
import { createRequire } from "node:module";

// Its types are those of its CommonJS form, so that is the one to load.
const { default: Sequencer } = createRequire(import.meta.url)("@jest/test-sequencer") as typeof sequencer;

type Tests = Parameters<sequencer.default["sort"]>[0];

/**
 * Files whose tests take a minute or more: begun first, they do not keep one worker busy alone at the end. A file that is
 * not named is no error, it only may make the run longer.
 */
const longest = [
  "integration/prometheus/every-message",
  "integration/kill-at-every-step",
  "integration/network",
  "simulation/crash-at-every-effect",
  "integration/configuration-errors",
  "integration/files/mutator",
  "simulation/simulation",
  "integration/start-faults",
  "contract/conformance",
] as const;

/** The order in which Jest begins the files of tests: the longest first, then as Jest itself would. */
export default class LongestFirst extends Sequencer {
  override async sort(tests: Tests): Promise<Tests> {
    return rankFirst(await super.sort(tests), ({ path }) => path);
  }
}

/** Those that are named among the longest come first, in that order; the others keep theirs. */
export function rankFirst<Item>(items: readonly Item[], pathOf: (item: Item) => string): Item[] {
  const rank = (item: Item): number => {
    const index = longest.findIndex((name) => pathOf(item).includes(name));
    return index === -1 ? longest.length : index;
  };
  return [...items].sort((one, other) => rank(one) - rank(other));
}
