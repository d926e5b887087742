import { z } from "zod";
import { setting } from "./setting.js";
import { vantageSettings } from "./vantage-settings.js";

export const ownershipSettings = z.strictObject({
  selfFenceSeconds: setting(z.number().min(1).max(3600).default(60), {
    purpose: "An active server that cannot confirm its ownership for this long stops the managed system.",
    unit: "seconds",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  stopSeconds: setting(z.number().min(1).max(600).default(30), {
    purpose: "The managed system is stopped, by killing if need be, within this time.",
    unit: "seconds",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  marginSeconds: setting(z.number().min(0.5).max(600).default(10), {
    purpose: "Added to the wait before a takeover, for clock drift and scheduling delays.",
    unit: "seconds",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  confirmSeconds: setting(z.number().min(0.2).max(600).default(10), {
    purpose: "How often the active server confirms its ownership.",
    unit: "seconds",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  updateServerSite: setting(z.enum(["elsewhere", "primary", "secondary"]), {
    purpose: "Where the update server stands: at one of the two sites, or elsewhere. Decides proof or assumption.",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  guard: setting(z.boolean().default(true), {
    purpose: "Whether `sparesync guard` runs beside each actor and stops the managed system when the actor cannot.",
    scope: "pair",
    critical: true,
    restart: true,
  }),
});

export const failoverSettings = z.strictObject({
  automatic: setting(z.boolean().default(true), {
    purpose: "Whether a lost active server is replaced without asking.",
    scope: "pair",
    critical: true,
  }),
  askedBy: setting(z.enum(["watch", "alertmanager", "both"]).default("both"), {
    purpose: "Who may ask for a failover: the actor's own watch, Alertmanager's webhook, or both.",
    scope: "pair",
  }),
  allowedUnavailabilitySeconds: setting(z.number().min(1).max(86400).default(120), {
    purpose: "The managed system must be unavailable for longer than this.",
    unit: "seconds",
    scope: "pair",
    critical: true,
  }),
  probeSeconds: setting(z.number().min(0.2).max(600).default(60), {
    purpose: "How often the standby probes the active server's public address.",
    unit: "seconds",
    scope: "pair",
  }),
  probesConsidered: setting(z.int().min(1).max(20).default(3), {
    purpose: "How many of its last probes the standby judges by.",
    unit: "count",
    scope: "pair",
  }),
  probesFailed: setting(z.int().min(1).max(20).default(2), {
    purpose: "How many of these must have failed for the managed system to count as unavailable.",
    unit: "count",
    scope: "pair",
    critical: true,
  }),
  vantages: z.array(vantageSettings).max(20).default([]),
  observeOnly: setting(z.boolean().default(false), {
    purpose: "Only record and count that the standby would have failed over; do nothing.",
    scope: "pair",
    critical: true,
  }),
  whenPeerStopped: setting(z.boolean().default(false), {
    purpose: "Whether an active server that was stopped in order is replaced like one that is lost.",
    scope: "pair",
    critical: true,
  }),
  whenConnected: setting(z.boolean().default(true), {
    purpose: "Whether to switch when the managed system is down while the actors are connected.",
    scope: "pair",
  }),
  acceptAssumption: setting(z.boolean().default(false), {
    purpose: "Fail over automatically although only an assumption excludes two active servers (see `sparesync check`).",
    scope: "pair",
    critical: true,
  }),
  acceptSingleVantage: setting(z.boolean().default(false), {
    purpose: "Fail over automatically although only this server has seen that the active one is lost.",
    scope: "pair",
    critical: true,
  }),
  maximumRecoveryPointSeconds: setting(z.number().min(0).max(604800).default(300), {
    purpose: "A failover that would lose more than this asks the operator instead.",
    unit: "seconds",
    scope: "pair",
    critical: true,
  }),
  blockSeconds: setting(z.number().min(0).max(2592000).default(86400), {
    purpose: "After an automatic failover no second one for this long, unless it was marked checked.",
    unit: "seconds",
    scope: "pair",
  }),
  askValidSeconds: setting(z.number().min(1).max(86400).default(600), {
    purpose: "How long an accepted request for a failover stays and is evaluated again.",
    unit: "seconds",
    scope: "pair",
  }),
});
