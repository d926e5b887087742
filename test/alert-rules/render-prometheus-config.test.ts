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

  test("an exporter with a certificate and a password is a job of its own under the common name", () => {
    const target = { side: "primary", pair: "shop", address: "a:1" } as const;
    const access = { caFile: "/ca.pem", user: { name: "prometheus", passwordFile: "/password" } };
    const targets = [target, { ...target, address: "b:1", access }];
    const text = renderPrometheusConfig({ targets, rulesFile: "r.yml", alertmanagers: [], scrapeSeconds: 5 });
    expect((parse(text) as { scrape_configs: object[] }).scrape_configs).toEqual([
      { job_name: "sparesync", static_configs: [{ targets: ["a:1"], labels: { pair: "shop", side: "primary" } }] },
      {
        job_name: "sparesync-shop-primary",
        scheme: "https",
        tls_config: { ca_file: "/ca.pem" },
        basic_auth: { username: "prometheus", password_file: "/password" },
        static_configs: [{ targets: ["b:1"], labels: { pair: "shop", side: "primary" } }],
        relabel_configs: [{ target_label: "job", replacement: "sparesync" }],
      },
    ]);
  });
});
