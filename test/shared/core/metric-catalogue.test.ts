import { describe, expect, test } from "@jest/globals";
import { metricCatalogue, metricGroups, type MetricName, sample } from "../../../shared/core/metric-catalogue.js";
import type { MetricFamily } from "../../../shared/core/metrics/metric-family.js";

type LabelsOf<Name extends MetricName> = Parameters<typeof sample<Name>>[2];
type Same<A, B> = [A, B] extends [B, A] ? true : false;

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
    const labels: Same<LabelsOf<"sparesync_node_info">, { readonly server: "primary" | "secondary" }> = true;
    const openLabels: Same<LabelsOf<"sparesync_config_info">, { readonly hash: string }> = true;
    const none: Same<Parameters<typeof sample<"sparesync_epoch">>["length"], 2> = true;
    expect([labels, openLabels, none]).toEqual([true, true, true]);
    expect(sample("sparesync_node_info", true, { server: "primary" })).toEqual({
      name: "sparesync_node_info",
      labels: { server: "primary" },
      value: 1,
    });
  });
});
