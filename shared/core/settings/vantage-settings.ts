import { z } from "zod";
import { filePath } from "./connection-settings.js";
import { itemName } from "./data-settings.js";
import { setting } from "./setting.js";

const url = z.string().regex(/^https?:\/\/[^\s]+$/, "an address that begins with http:// or https://");

const common = {
  name: setting(itemName, { purpose: "Name of the vantage in status, decisions and metrics.", scope: "pair" }),
  site: setting(z.enum(["elsewhere", "primary", "secondary"]), {
    purpose: "Where it stands; at the secondary it shares the spare's uplink and is no second vantage.",
    scope: "pair",
    critical: true,
  }),
  tokenFile: setting(filePath.optional(), {
    purpose: "File with the bearer token that it asks for (mode 0600); left out: none.",
    scope: "server",
    secret: true,
    path: "file",
  }),
};

/** A page in Prometheus's text format, such as a blackbox exporter's probe or another site's exporter. */
const metricsVantage = z.strictObject({
  kind: setting(z.literal("metrics"), { purpose: "How the vantage is asked.", scope: "pair" }),
  ...common,
  url: setting(url, {
    purpose: "Page with the metric, such as http://host:9115/probe?module=http_2xx&target=https://192.0.2.1/.",
    scope: "pair",
  }),
  metric: setting(
    z
      .string()
      .regex(/^[A-Za-z_:][\w:]*$/)
      .default("probe_success"),
    {
      purpose: "The metric that is 1 while the managed system answers and 0 while it does not.",
      scope: "pair",
    },
  ),
});

/** A Prometheus of another site. */
const prometheusVantage = z.strictObject({
  kind: setting(z.literal("prometheus"), { purpose: "How the vantage is asked.", scope: "pair" }),
  ...common,
  url: setting(url, { purpose: "Address of Prometheus, such as https://prometheus.example.org.", scope: "pair" }),
  query: setting(z.string().min(1).max(2000), {
    purpose: "Instant query for a vector that is 1 while the managed system answers and 0 while it does not.",
    scope: "pair",
  }),
});

export const vantageSettings = z.discriminatedUnion("kind", [metricsVantage, prometheusVantage]);
export type VantageSettings = z.output<typeof vantageSettings>;
