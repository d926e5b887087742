import { z } from "zod";
import { serverName, type ServerName } from "../../shared/core/server-name.js";
import { eventRecord } from "../../shared/core/event-record.js";
import { operationView } from "../../shared/core/status.js";
import { fenceFactsSchema, noFence } from "./fence-terms.js";
import { keptPauseSchema, noPause } from "./pause.js";

export const ownershipRecordSchema = z.object({
  epoch: z.int().min(0),
  active: serverName,
  operationId: z.string(),
});

/** Why a server has promised not to claim; until it takes the promise back in a handshake (docs/ownership.md 5). */
export const promiseKinds = ["stopped", "turned-off", "not-automatic", "configuration-error"] as const;
export const promiseSchema = z.object({
  /** Grows with every change, so that a delayed older promise is recognised. */
  sequence: z.int().min(0),
  kind: z.enum(promiseKinds).nullable(),
});
export type Promised = z.output<typeof promiseSchema>;

/** A claim that was decided: from `intended` on this server grants its peer no confirmation (docs/ownership.md 3). */
export const claimSchema = z.object({
  operationId: z.string(),
  previous: ownershipRecordSchema,
  next: ownershipRecordSchema,
  state: z.enum(["intended", "sent", "won"]),
  /** Wall clock, ms: until then an update that was sent may still be applied by a name server that wakes up. */
  validUntilWallMs: z.number(),
});
export type Claim = z.output<typeof claimSchema>;

export const askSchema = z.object({
  askedBy: z.enum(["watch", "alertmanager", "operator"]),
  askedAtMs: z.number(),
  expiresAtMs: z.number(),
  because: z.string(),
  fingerprint: z.string(),
});
export type Ask = z.output<typeof askSchema>;

export const operationDocument = operationView.extend({
  /** The coordinator prepares and hands over; the claimant goes forward from the claim on (docs/ownership.md 8). */
  part: z.enum(["coordinator", "claimant"]),
  isAutomatic: z.boolean(),
  /** The record from which the operation starts. */
  previous: ownershipRecordSchema,
  /** The claimant may skip the wait: the coordinator has confirmed that its managed system is stopped. */
  isPeerStopped: z.boolean(),
  /** Time alone proves nothing here: the claimant goes on only when the other server, or a person, says "stopped". */
  isWordNeeded: z.boolean().default(false),
  /** Set when the coordinator wants it undone and must first hear that the claimant has cancelled. */
  isCancelWanted: z.boolean(),
  /** The `memoryId` of the target when the operation began; empty where nothing is handed over. */
  targetMemoryId: z.string().default(""),
});
export type OperationDocument = z.output<typeof operationDocument>;

export const configurationErrorSchema = z.object({ reason: z.string(), because: z.string(), sinceMs: z.number() });
export type ConfigurationError = z.output<typeof configurationErrorSchema>;

/** When and why the pair was turned off, and whether a person has marked it as checked since. */
export const turnedOffSchema = z.object({ atMs: z.number(), because: z.string(), isChecked: z.boolean() });

/** Everything an actor must not forget; written as one document before each effect. */
export const keptFactsSchema = z.object({
  version: z.literal(1),
  pair: z.string(),
  server: serverName,
  /** Made once with the state directory: a hand-over to a server that has lost it since is not taken. */
  memoryId: z.string().default(""),
  isEnabled: z.boolean(),
  enabledBecause: z.string(),
  /** Grows with each change of isEnabled, so that the later one wins when the servers meet again. */
  enabledSequence: z.int(),
  /** Stays when it is turned on again; null: it was never turned off. */
  lastTurnedOff: turnedOffSchema.nullable().default(null),
  pause: keptPauseSchema.default(noPause),
  /** The record with the highest epoch ever read or learned. */
  record: ownershipRecordSchema.nullable(),
  claim: claimSchema.nullable(),
  /** Ids of the records in which this server was ready to serve; a record of its own with another id proves nothing. */
  readyRecordIds: z.array(z.string()),
  ownPromise: promiseSchema,
  /** False until the peer has acknowledged the present `ownPromise`. */
  isOwnPromiseKnown: z.boolean(),
  peerPromise: promiseSchema,
  /** What the peer last said of itself that must outlive a restart here: a stopped or turned-off peer is not lost. */
  peerLastWord: z.enum(["", "stopped", "turned_off"]).default(""),
  /** Whether the peer's fence is proven: a guard watches there. As last heard, for its loss must not change it. */
  peerExclusion: z.enum(["proof", "assumption"]),
  /** What each server's fence amounts to, as the other one knows it. */
  fence: fenceFactsSchema.default(noFence),
  asks: z.array(askSchema),
  /** Alerts already taken: fingerprint and startsAt. Bounded. */
  seenAlerts: z.array(z.string()),
  operation: operationDocument.nullable(),
  lastOperations: z.array(operationView),
  /** Operations that were cancelled here before their claim; a late hand-over of one is refused. Bounded. */
  cancelledOperations: z.array(z.string()),
  lastAutomaticFailover: z.object({ atMs: z.number(), isAcknowledged: z.boolean() }).nullable(),
  configurationErrors: z.array(configurationErrorSchema),
  /** The number of the last event of this server; see core/kept-events. */
  eventSequence: z.int().default(0),
  /** The last events, of which the newest may not stand in the history's file yet. Bounded. */
  events: z.array(eventRecord).default([]),
  /** When each event happened last, by its name (wall clock). */
  eventTimesMs: z.record(z.string(), z.number()).default({}),
});
export type KeptFacts = z.output<typeof keptFactsSchema>;

/** What a server knows that has never run. */
export function emptyFacts(pair: string, server: ServerName): KeptFacts {
  return {
    version: 1,
    pair,
    server,
    memoryId: "",
    isEnabled: true,
    enabledBecause: "",
    enabledSequence: 0,
    lastTurnedOff: null,
    pause: noPause,
    record: null,
    claim: null,
    readyRecordIds: [],
    ownPromise: { sequence: 0, kind: null },
    isOwnPromiseKnown: false,
    peerPromise: { sequence: 0, kind: null },
    peerLastWord: "",
    peerExclusion: "assumption",
    fence: noFence,
    asks: [],
    seenAlerts: [],
    operation: null,
    lastOperations: [],
    cancelledOperations: [],
    lastAutomaticFailover: null,
    configurationErrors: [],
    eventSequence: 0,
    events: [],
    eventTimesMs: {},
  };
}

/** Whether a promise not to claim binds this server: made, or taken back without the peer's having acknowledged that. */
export function isBoundByPromise(facts: Pick<KeptFacts, "ownPromise" | "isOwnPromiseKnown">): boolean {
  return facts.ownPromise.kind !== null || (facts.ownPromise.sequence > 0 && !facts.isOwnPromiseKnown);
}
