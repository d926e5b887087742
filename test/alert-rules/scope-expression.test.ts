import { expect, test } from "@jest/globals";
import { alerts } from "../../alert-rules/alerts.js";
import { scopeExpression } from "../../alert-rules/scope-expression.js";

test.each([
  { when: "no labels", expression: "sparesync_enabled == 0", scoped: 'sparesync_enabled{pair="a"} == 0' },
  { when: "labels", expression: 'up{side!=""} == 0', scoped: 'up{pair="a",side!=""} == 0' },
  { when: "no metric", expression: "vector(1) > 0", scoped: "vector(1) > 0" },
])("asks for the pair where a metric has $when", ({ expression, scoped }) => {
  expect(scopeExpression(expression, "a")).toBe(scoped);
});

test("no metric of an alert is left without the pair", () => {
  for (const { expression } of alerts) {
    const metrics = [...scopeExpression(expression, "a").matchAll(/\b(?:sparesync_\w+|up)\b(.{0,10})/g)];
    expect(metrics.filter(([, next]) => !next!.startsWith('{pair="a"'))).toEqual([]);
  }
});
