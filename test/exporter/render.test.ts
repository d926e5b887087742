import { expect, test } from "@jest/globals";
import { flawOf, renderSamples } from "../../exporter/render.js";
import { sample } from "../../shared/core/metric-catalogue.js";

test("families come in the order of the catalogue, each with help, type and all of its samples", () => {
  const text = renderSamples([
    sample("sparesync_epoch", 7),
    sample("sparesync_node_info", 1, { server: "primary" }),
    sample("sparesync_dns_updates_total", 3),
    sample("sparesync_dns_points_to", true, { server: "primary" }),
    sample("sparesync_dns_points_to", false, { server: "secondary" }),
  ]);
  expect(text.split("\n").filter((line) => !line.startsWith("# HELP"))).toEqual([
    "# TYPE sparesync_node_info gauge",
    'sparesync_node_info{server="primary"} 1',
    "",
    "# TYPE sparesync_epoch gauge",
    "sparesync_epoch 7",
    "",
    "# TYPE sparesync_dns_points_to gauge",
    'sparesync_dns_points_to{server="primary"} 1',
    'sparesync_dns_points_to{server="secondary"} 0',
    "",
    "# TYPE sparesync_dns_updates_total counter",
    "sparesync_dns_updates_total 3",
    "",
  ]);
  expect(text).toContain("# HELP sparesync_epoch The epoch of the ownership record this server knows.\n");
});

test.each([
  { when: "a quote", reason: 'a "b"', shown: 'a \\"b\\"' },
  { when: "a backslash", reason: "a\\n", shown: "a\\\\n" },
  { when: "a line break", reason: "a\nb", shown: "a\\nb" },
  { when: "letters of other languages", reason: "größer ✓", shown: "größer ✓" },
])("a label with $when stays one label on one line", ({ reason, shown }) => {
  const text = renderSamples([sample("sparesync_configuration_error", 1, { reason })]);
  expect(text.split("\n")[2]).toBe(`sparesync_configuration_error{reason="${shown}"} 1`);
});

test.each([
  [0, "0"],
  [-0.25, "-0.25"],
  [1_800_000_000.5, "1800000000.5"],
  [1e21, "1e+21"],
])("the number %d is written as %s", (value, text) => {
  expect(renderSamples([sample("sparesync_peer_clock_offset_seconds", value)]).split("\n")[2]).toBe(
    `sparesync_peer_clock_offset_seconds ${text}`,
  );
});

test("what is no number is a flaw", () => {
  expect(flawOf(sample("sparesync_epoch", Infinity))).toMatch(/not a finite number/);
});
