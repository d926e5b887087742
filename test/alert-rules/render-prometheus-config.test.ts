import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { renderPrometheusConfig } from "../../alert-rules/render-prometheus-config.js";

describe("renderPrometheusConfig", () => {
  test("sets pair and side, and never a timeout above the interval", () => {
    const targets = [{ side: "primary", pair: "shop", address: "127.0.0.1:9" }] as const;
    const text = renderPrometheusConfig({ targets, rulesFile: "r.yml", alertmanagers: ["a:1"], scrapeSeconds: 0.5 });
    expect(parse(text)).toMatchObject({
      global: { scrape_interval: "500ms", scrape_timeout: "500ms", evaluation_interval: "500ms" },
      scrape_configs: [{ static_configs: [{ targets: ["127.0.0.1:9"], labels: { pair: "shop", side: "primary" } }] }],
    });
    const slow = renderPrometheusConfig({ targets, rulesFile: "r.yml", alertmanagers: [], scrapeSeconds: 60 });
    expect(parse(slow)).toMatchObject({ global: { scrape_interval: "1m", scrape_timeout: "10s" } });
  });
});
