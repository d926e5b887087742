import { describe, expect, test } from "@jest/globals";
import { metricCatalogue, metricGroups, sample } from "../../../shared/core/metric-catalogue.js";
import type { MetricFamily } from "../../../shared/core/metrics/metric-family.js";

const families = Object.entries<MetricFamily>(metricCatalogue);

describe("the metric catalogue", () => {
  test("is the sum of its groups, without a double", () => {
    const grouped = metricGroups.flatMap(({ families }) => Object.keys(families));
    expect(new Set(grouped).size).toBe(grouped.length);
    expect(grouped.sort()).toEqual(Object.keys(metricCatalogue).sort());
  });

  test.each(families)("%s keeps the conventions of names, help and labels", (name, { type, help, labels }) => {
    expect(name).toMatch(/^sparesync_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|age)(_|$)/);
    expect(help).toMatch(/^[A-Z].*[^ ]\.$/);
    // Set by the scrape configuration: an exporter that sets them as well would hide a wrong one.
    expect(Object.keys(labels)).not.toEqual(expect.arrayContaining(["pair"]));
    expect(Object.keys(labels)).not.toEqual(expect.arrayContaining(["side"]));
  });

  test("the type of a sample knows labels and enumerated values", () => {
    expect(sample("sparesync_node_info", 1, { server: "primary" }).labels).toEqual({ server: "primary" });
    // @ts-expect-error: no such server
    sample("sparesync_node_info", 1, { server: "third" });
    // @ts-expect-error: the label is missing
    sample("sparesync_node_info", 1);
    // @ts-expect-error: no label is allowed
    sample("sparesync_epoch", 1, { server: "primary" });
  });
});
