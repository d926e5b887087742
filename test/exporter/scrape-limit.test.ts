import { expect, test } from "@jest/globals";
import { scrapeLimitSeconds } from "../../exporter/scrape-limit.js";

test.each([
  { when: "no limit is said", header: undefined, limit: 5 },
  { when: "it is not a number", header: "soon", limit: 5 },
  { when: "it is not positive", header: "0", limit: 5 },
  { when: "it is Prometheus' default", header: "10", limit: 9.5 },
  { when: "it is twice the margin", header: "1", limit: 0.5 },
  { when: "it is shorter than the margin", header: "0.4", limit: 0.2 },
  { when: "it is absurdly long", header: "1e9", limit: 60 },
])("when $when, a scrape may take $limit s", ({ header, limit }) => {
  expect(scrapeLimitSeconds(header)).toBe(limit);
});
