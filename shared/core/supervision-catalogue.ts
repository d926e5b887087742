import type { Message } from "./message-catalogue.js";

/** An alert beyond the messages: what only somebody outside both actors can see, or what shows only over days. */
export type Supervision = Omit<Message, "raisedBy" | "kind" | "action">;

const minute = 60;
const hour = 3600;
const day = 86_400;

/** Judged by Prometheus alone: SpareSync itself sends no mail about these. */
export const supervisionCatalogue = {
  ExporterDown: {
    meaning: "Prometheus cannot scrape the exporter of a server, so nothing is known of that server.",
    ...{ severity: "critical", delaySeconds: minute, repeatSeconds: 8 * hour },
  },
  CollectorFailing: {
    meaning: "The exporter cannot collect a part of its metrics, so the alerts on those say nothing.",
    ...{ severity: "warning", delaySeconds: 10 * minute, repeatSeconds: 8 * hour },
  },
  ActorDown: {
    meaning: "The actor of a server does not answer: nothing is synchronised, and nothing can be switched.",
    ...{ severity: "critical", delaySeconds: minute, repeatSeconds: 8 * hour },
  },
  GuardDown: {
    meaning: "The guard process does not run, so nothing stops the managed system when the actor cannot.",
    ...{ severity: "warning", delaySeconds: minute, repeatSeconds: 8 * hour },
  },
  WitnessUnreachable: {
    meaning: "The witness does not answer a server as it should, so no failover begins by itself without it.",
    ...{ severity: "warning", delaySeconds: 2 * minute, repeatSeconds: 8 * hour },
  },
  TwoActive: {
    meaning: "Both servers hold themselves for the active one and serve.",
    ...{ severity: "critical", delaySeconds: 10, repeatSeconds: hour },
  },
  NoActive: {
    meaning: "Neither server is the active one.",
    ...{ severity: "critical", delaySeconds: 2 * minute, repeatSeconds: hour },
  },
  FencingImpossible: {
    meaning: "The managed system runs on a server that does not own the name and could not stop it.",
    ...{ severity: "critical", delaySeconds: 2 * minute, repeatSeconds: hour },
  },
  NotReady: {
    meaning: "The spare could not take over now although it should.",
    ...{ severity: "warning", delaySeconds: 10 * minute, repeatSeconds: 8 * hour },
  },
  NoSpare: {
    meaning: "The pair has run on the secondary for a day, so nothing takes over by itself.",
    ...{ severity: "warning", delaySeconds: day, repeatSeconds: day },
  },
  PausedTooLong: {
    meaning: "Automatic switching has been turned off or paused for a day.",
    ...{ severity: "warning", delaySeconds: day, repeatSeconds: day },
  },
  ManagedSystemNotWatched: {
    meaning: "No standby looks at the managed system, so its outage would not be noticed.",
    ...{ severity: "warning", delaySeconds: 10 * minute, repeatSeconds: 8 * hour },
  },
  SyncStalled: {
    meaning: "Changes wait to be synchronised and none arrive.",
    ...{ severity: "warning", delaySeconds: 10 * minute, repeatSeconds: 4 * hour },
  },
  SettingsDiffer: {
    meaning: "The two servers work with different pair-wide settings.",
    ...{ severity: "warning", delaySeconds: 5 * minute, repeatSeconds: day },
  },
  ClockOffset: {
    meaning: "The clocks of the two servers are more than ten seconds apart.",
    ...{ severity: "warning", delaySeconds: 5 * minute, repeatSeconds: day },
  },
  CertificateExpiry: {
    meaning: "A certificate ends within two weeks.",
    ...{ severity: "warning", delaySeconds: hour, repeatSeconds: day },
  },
  WebhookFailing: {
    meaning: "Posts of Alertmanager are not taken, so it cannot ask for a failover.",
    ...{ severity: "warning", delaySeconds: 0, repeatSeconds: 8 * hour },
  },
  DrillOverdue: {
    meaning: "No drill has succeeded for 35 days, so it is not proven that the spare would work.",
    ...{ severity: "warning", delaySeconds: hour, repeatSeconds: 5 * day },
  },
  DataNotVerified: {
    meaning: "For eight days the copies have not been compared in full with what they are copies of.",
    ...{ severity: "warning", delaySeconds: hour, repeatSeconds: day },
  },
  DeletedNotPurged: {
    meaning: "For three days what a target keeps of deleted files could not be purged, so its disk may fill.",
    ...{ severity: "warning", delaySeconds: hour, repeatSeconds: day },
  },
  DivergenceNotAcknowledged: {
    meaning: "A lost server had rows or files that the other never got, and nobody has looked at them yet.",
    ...{ severity: "warning", delaySeconds: 0, repeatSeconds: day },
  },
  Watchdog: {
    meaning: "Always fires: when it stops arriving, Prometheus or Alertmanager is broken.",
    ...{ severity: "info", delaySeconds: 0, repeatSeconds: minute },
  },
} as const satisfies Readonly<Record<string, Supervision>>;

export type SupervisionCode = keyof typeof supervisionCatalogue;
