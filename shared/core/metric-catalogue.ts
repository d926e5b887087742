import {
  dnsFamilies,
  drillFamilies,
  eventFamilies,
  maintenanceFamilies,
  ownershipFamilies,
  peerFamilies,
  requestFamilies,
  stateFamilies,
  switchoverFamilies,
} from "./metrics/actor-metrics.js";
import {
  certificateFamilies,
  exporterFamilies,
  externalResourceFamilies,
  managedSystemFamilies,
} from "./metrics/exporter-metrics.js";
import type { LabelValues, MetricGroup } from "./metrics/metric-family.js";
import { dbSyncFamilies, fileSyncFamilies, recoveryPointFamilies } from "./metrics/sync-metrics.js";

const always = "Always.";
const whileActorAnswers = "While the actor of this server answers.";

/** Every metric of the exporter, in the order of docs/metrics.md. Rules, dashboards and tests are made from it. */
export const metricGroups = [
  { title: "Exporter", presence: always, families: exporterFamilies },
  { title: "State", presence: always, families: stateFamilies },
  {
    title: "Managed system",
    presence:
      "The counters always; the others from the first probe on, with the `from` that this server has now. `local` is" +
      " probed for `available` only on the active server, `public` is always the active server's address.",
    families: managedSystemFamilies,
  },
  { title: "External resources", presence: "From the first probe on.", families: externalResourceFamilies },
  { title: "Ownership", presence: whileActorAnswers, families: ownershipFamilies },
  { title: "Peer and listeners", presence: whileActorAnswers, families: peerFamilies },
  { title: "DNS", presence: whileActorAnswers, families: dnsFamilies },
  { title: "Recovery point", presence: whileActorAnswers, families: recoveryPointFamilies },
  { title: "Files", presence: whileActorAnswers, families: fileSyncFamilies },
  { title: "Databases", presence: whileActorAnswers, families: dbSyncFamilies },
  { title: "Switchover and operations", presence: whileActorAnswers, families: switchoverFamilies },
  { title: "Events", presence: whileActorAnswers, families: eventFamilies },
  { title: "Maintenance", presence: whileActorAnswers, families: maintenanceFamilies },
  { title: "Drills", presence: whileActorAnswers, families: drillFamilies },
  { title: "Requests", presence: whileActorAnswers, families: requestFamilies },
  {
    title: "Certificates",
    presence: "Of each one that can be read; `exporter` where it shows another one than the link's.",
    families: certificateFamilies,
  },
] as const satisfies readonly MetricGroup[];

export const metricCatalogue = {
  ...exporterFamilies,
  ...stateFamilies,
  ...managedSystemFamilies,
  ...externalResourceFamilies,
  ...ownershipFamilies,
  ...peerFamilies,
  ...dnsFamilies,
  ...recoveryPointFamilies,
  ...fileSyncFamilies,
  ...dbSyncFamilies,
  ...switchoverFamilies,
  ...eventFamilies,
  ...maintenanceFamilies,
  ...drillFamilies,
  ...requestFamilies,
  ...certificateFamilies,
} as const;

export type MetricName = keyof typeof metricCatalogue;

type ValueOf<Values extends LabelValues> = Values extends readonly (infer Value extends string)[] ? Value : string;
type Labels<Name extends MetricName> = {
  readonly [
    Label in keyof (typeof metricCatalogue)[Name]["labels"]
  ]: (typeof metricCatalogue)[Name]["labels"][Label] extends infer Values extends LabelValues ? ValueOf<Values> : never;
};

/** One series of a scrape with its value. */
export interface Sample {
  readonly name: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A sample whose labels are those of the catalogue; times and shares are numbers, conditions become 0 and 1. */
export function sample<Name extends MetricName>(
  name: Name,
  value: number | boolean,
  ...[labels]: keyof Labels<Name> extends never ? [] : [Labels<Name>]
): Sample {
  return { name, labels: labels ?? {}, value: Number(value) };
}

/** Milliseconds since 1970 as seconds, 0 = never. */
export function seconds(ms: number): number {
  return ms / 1000;
}
