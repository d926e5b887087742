import { describe, expect, test } from "@jest/globals";
import { readdir, readFile } from "node:fs/promises";
import { failoverCriteria } from "../../actor/core/failover-criteria.js";
import { alerts } from "../../alert-rules/alerts.js";
import { alertCatalogue, alertCodes } from "../../shared/core/alert-catalogue.js";
import { messageCodes, messageItems } from "../../shared/core/message-catalogue.js";
import { metricCatalogue } from "../../shared/core/metric-catalogue.js";
import type { LabelTable } from "../../shared/core/metrics/metric-family.js";
import { outageCriteria, plannedCriteria } from "../../shared/core/outage-criteria.js";

/** Labels that Prometheus and the scrape configuration add. */
const targetLabels = ["job", "instance", "pair", "side"];

describe("alerts", () => {
  test("there is exactly one for each code of the catalogue, in its order", () => {
    expect(alerts.map(({ code }) => code)).toEqual(alertCodes);
    expect(alertCodes).toHaveLength(40);
  });

  test.each(alerts.map((alert) => [alert.code, alert] as const))("%s looks at metrics there are", (code, alert) => {
    const named = [...alert.expression.matchAll(/\bsparesync_\w+/g)].map(([name]) => name);
    const known = Object.keys(metricCatalogue);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    const elsewhere = ["ExporterDown", "Watchdog"];
    expect(named.length > 0).toBe(!elsewhere.includes(code));
  });

  test.each(alerts.map((alert) => [alert.code, alert] as const))("%s selects labels its metrics have", (_, alert) => {
    for (const [, name, selector] of alert.expression.matchAll(/\b(sparesync_\w+)\{([^}]*)\}/g)) {
      const labels: LabelTable = metricCatalogue[name as keyof typeof metricCatalogue].labels;
      for (const [, label, value] of selector!.matchAll(/(\w+)=~?"([^"]*)"/g)) {
        const values = targetLabels.includes(label!) ? "any" : labels[label!];
        expect([name, label, values !== undefined]).toEqual([name, label, true]);
        if (!Array.isArray(values)) continue;
        expect(value!.split("|").filter((one) => !values.includes(one))).toEqual([]);
      }
    }
  });

  test.each(alerts.map((alert) => [alert.code, alert] as const))("%s describes by labels that it has", (_, alert) => {
    const named = [...alert.description.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!);
    const had = new Set(alert.fires.flatMap(({ labels }) => Object.keys(labels)));
    expect(named.filter((label) => !had.has(label))).toEqual([]);
  });

  test.each(messageCodes)("the alert of %s has the label by which a server tells its conditions apart", (code) => {
    const labels = Object.keys(alerts.find((alert) => alert.code === code)!.fires[0].labels);
    const told = ["folder", "database", "reason"].filter((label) => labels.includes(label));
    expect(told).toEqual(messageItems[code] === undefined ? [] : [messageItems[code]]);
  });

  test("each but the one that fires always has a scene in which it does not", () => {
    expect(alerts.filter(({ staysQuiet }) => staysQuiet.length === 0).map(({ code }) => code)).toEqual(["Watchdog"]);
  });

  test("each has ended within its test unless its condition stays", () => {
    const events = alerts.filter(({ code }) => alertCatalogue[code].kind === "event");
    expect(events).toHaveLength(6);
    expect(events.filter(({ fires: [first] }) => first.until !== first.since + 300)).toEqual([]);
  });

  test("the criteria left out of readiness are criteria", () => {
    const names: readonly string[] = failoverCriteria.map(({ name }) => name);
    expect([...outageCriteria, ...plannedCriteria].filter((name) => !names.includes(name))).toEqual([]);
    expect(names).toContain("is-standby");
  });
});

describe("runbooks", () => {
  test("there is one for each alert, and none without", async () => {
    expect((await readdir("docs/runbooks")).sort()).toEqual(alertCodes.map((code) => `SpareSync${code}.md`).sort());
  });

  test.each(alertCodes)("SpareSync%s has a runbook with its four parts, and one command at least", async (code) => {
    const text = await readFile(`docs/runbooks/SpareSync${code}.md`, "utf8");
    expect([...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title)).toEqual([
      `SpareSync${code}`,
      "Meaning",
      "Impact",
      "Diagnosis",
      "Mitigation",
    ]);
    expect(text).toMatch(/`sparesync \w+/);
  });

  test.each(alertCodes)(
    "where the runbook of SpareSync%s sends to a program's log, it says how that is read",
    async (code) => {
      const text = await readFile(`docs/runbooks/SpareSync${code}.md`, "utf8");
      if (/(actor|exporter|guard)'s log|both logs/.test(text))
        expect(text).toMatch(/`journalctl --unit sparesync-\w+ /);
    },
  );

  test.each(alertCodes)("the metrics and alerts that the runbook of SpareSync%s names exist", async (code) => {
    const text = await readFile(`docs/runbooks/SpareSync${code}.md`, "utf8");
    const metrics = [...text.matchAll(/\bsparesync_[a-z_]+/g)].map(([name]) => name);
    expect(metrics.filter((name) => !Object.hasOwn(metricCatalogue, name))).toEqual([]);
    const named = [...text.matchAll(/\bSpareSync([A-Z]\w+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !Object.hasOwn(alertCatalogue, name))).toEqual([]);
  });
});
