import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { renderAlertRules } from "../alert-rules/render-alert-rules.js";
import { renderAlertmanagerConfig } from "../alert-rules/render-alertmanager-config.js";
import { renderPrometheusConfig } from "../alert-rules/render-prometheus-config.js";
import { pairName, urlHost } from "./layout.js";
import { until } from "./processes.js";
import { ask } from "./request.js";
import type { AskedBy } from "./server-settings.js";
import type { Stage } from "./stage.js";

interface MonitoringPrograms {
  readonly prometheus: string;
  readonly alertmanager: string;
}

const startLimitMs = 60_000;
const scrapeSeconds = 1;
/** Also Alertmanager's deadline for the webhook. */
const groupIntervalSeconds = 2;
/** The rules as they are shipped, but for the delay: 120 s would be longer than the whole demonstration. */
const overrides = { MainAppInvisible: { delaySeconds: 1 }, MissingConnection: { delaySeconds: 1 } };

/** The programs on the PATH; Debian calls Alertmanager `prometheus-alertmanager`. */
function findPrograms(): MonitoringPrograms | undefined {
  const find = (...names: readonly string[]): string | undefined =>
    (process.env["PATH"] ?? "")
      .split(delimiter)
      .flatMap((folder) => names.map((name) => join(folder, name)))
      .find((file) => existsSync(file));
  const prometheus = find("prometheus");
  const alertmanager = find("prometheus-alertmanager", "alertmanager");
  return prometheus === undefined || alertmanager === undefined ? undefined : { prometheus, alertmanager };
}

export function canAlertmanagerAsk(): boolean {
  return findPrograms() !== undefined;
}

/** Starts Prometheus and Alertmanager, where they are, against both exporters and both actors; says so in one line. */
export async function startMonitoring(stage: Stage, askedBy: AskedBy): Promise<string> {
  const programs = askedBy === "watch" ? undefined : findPrograms();
  if (programs === undefined) return "no Prometheus and Alertmanager: the actor's own watch alone asks";
  const folder = writeConfigurations(stage);
  const { prometheusPort, alertmanagerPort } = stage.layout;
  const alertmanager = stage.processes.start("alertmanager", {
    program: programs.alertmanager,
    args: [
      `--config.file=${join(folder, "alertmanager.yml")}`,
      `--storage.path=${join(folder, "alertmanager")}`,
      `--web.listen-address=127.0.0.1:${String(alertmanagerPort)}`,
      // Empty: no cluster, so no port that another demonstration could want as well.
      "--cluster.listen-address=",
      "--log.level=warn",
    ],
  });
  const prometheus = stage.processes.start("prometheus", {
    program: programs.prometheus,
    args: [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "prometheus")}`,
      `--web.listen-address=127.0.0.1:${String(prometheusPort)}`,
      "--log.level=warn",
    ],
  });
  await until("Alertmanager is ready", () => isReady(alertmanagerPort), startLimitMs, [alertmanager]);
  await until("Prometheus is ready", () => isReady(prometheusPort), startLimitMs, [prometheus]);
  const who = askedBy === "alertmanager" ? "they alone ask for a failover" : "they ask beside the actor's own watch";
  return `Prometheus and Alertmanager run; ${who}`;
}

/** Writes the generated configuration; returns its folder. */
function writeConfigurations({ layout, pair }: Stage): string {
  const folder = join(layout.folder, "monitoring");
  mkdirSync(folder);
  const write = (name: string, content: string): string => {
    const file = join(folder, name);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  };
  const bearerTokenFile = write("alertmanager-token", pair.tokens.alertmanager);
  const servers = Object.values(layout.servers);
  const webhooks = servers.map(({ host, adminPort }) => ({
    url: `http://${urlHost(host)}:${String(adminPort)}/webhooks/alertmanager`,
    signIn: { bearerTokenFile },
  }));
  write("alertmanager.yml", renderAlertmanagerConfig({ webhooks, overrides, groupIntervalSeconds }));
  const rulesFile = write("rules.yml", renderAlertRules({ overrides }));
  const prometheusConfig = renderPrometheusConfig({
    targets: servers.map(({ server, host, exporterPort }) => ({
      side: server,
      pair: pairName,
      address: `${urlHost(host)}:${String(exporterPort)}`,
      access: {
        caFile: join(layout.settingsFolder, server, "link-certificate.pem"),
        user: { name: pair.scrape.user, passwordFile: pair.scrape.passwordFile },
      },
    })),
    rulesFile,
    alertmanagers: [`127.0.0.1:${String(layout.alertmanagerPort)}`],
    scrapeSeconds,
  });
  write("prometheus.yml", prometheusConfig);
  return folder;
}

function isReady(port: number): Promise<boolean> {
  return ask({ host: "127.0.0.1", port, method: "GET", path: "/-/ready", limitMs: 1_000 }).then(
    ({ status }) => status === 200,
    () => false,
  );
}
