import { z } from "zod";
import type { JsonObject } from "../shared/core/json.js";
import { actorStatus, linkProtocol } from "../shared/core/status.js";
import { ageSeconds, peerState, type ActorContext } from "./actor-context.js";
import { announcedFenceSchema, noFence, withFenceSeen, withPeerFence } from "./core/fence-terms.js";
import { ownershipRecordSchema, promiseSchema } from "./core/kept-facts.js";
import { keptPauseSchema, laterPause, noPause } from "./core/pause.js";
import { withEnabled } from "./core/with-enabled.js";
import { ownershipClockMs } from "./ownership-clock.js";
import { recordEvent } from "./record-event.js";
import type { StateName } from "../shared/core/states.js";
import { buildStatus } from "./build-status.js";
import { learnRecord, noteConfirmation } from "./watch/note-confirmation.js";

/** What each server tells the other with every heartbeat and in its answer. */
export const peerMessage = z.object({
  status: actorStatus,
  /** Empty: it has kept none yet. */
  memoryId: z.string().default(""),
  record: ownershipRecordSchema.nullable(),
  promise: promiseSchema,
  /** The highest sequence of the receiver's promise that the sender has kept durably. */
  promiseSeen: z.number(),
  fence: announcedFenceSchema.default(noFence.own),
  /** The same for what the receiver has announced of its fence. */
  fenceSeen: z.number().default(0),
  pause: keptPauseSchema.default(noPause),
  enabled: z.object({ isEnabled: z.boolean(), because: z.string(), sequence: z.number() }),
});
export type PeerMessage = z.output<typeof peerMessage>;

export function createPeerMessage(context: ActorContext): JsonObject {
  const { facts } = context.store;
  const message: PeerMessage = {
    // Ended operations are known on both servers; a heartbeat stays small.
    status: { ...buildStatus(context), lastOperations: [] },
    memoryId: facts.memoryId,
    record: facts.record,
    promise: facts.ownPromise,
    promiseSeen: facts.peerPromise.sequence,
    fence: facts.fence.own,
    fenceSeen: facts.fence.peer.sequence,
    pause: facts.pause,
    enabled: { isEnabled: facts.isEnabled, because: facts.enabledBecause, sequence: facts.enabledSequence },
  };
  // Nothing in it changes any more, and the link writes it as JSON, which leaves out what is undefined.
  return message as unknown as JsonObject;
}

/**
 * Takes in what the peer says of itself; durable before it resolves, so that the answer to it may say so. Older
 * promises and switches that arrive late are recognised by their sequence.
 */
export async function takePeerMessage(context: ActorContext, message: PeerMessage): Promise<void> {
  const { ports, situation, store } = context;
  noteVersion(context, message.status.version);
  situation.peerStatus = message.status;
  situation.peerMemoryId = message.memoryId;
  situation.peerHeardAtMs = ports.clock.monotonicMs();
  situation.peerHeardAtWallMs = ports.clock.wallMs();
  situation.peerRefusal = message.status.protocol === linkProtocol ? "" : "protocol";
  if (message.record) await learnRecord(context, message.record, "peer");
  const wasFreed = message.promise.kind === null && store.facts.peerPromise.kind !== null;
  const isNew = message.promise.sequence > store.facts.peerPromise.sequence;
  await store.change((facts) => {
    let next = facts;
    if (message.promise.sequence > next.peerPromise.sequence) next = { ...next, peerPromise: message.promise };
    if (message.promiseSeen === next.ownPromise.sequence && !next.isOwnPromiseKnown) {
      next = { ...next, isOwnPromiseKnown: true };
    }
    const peerLastWord = lastWord(message.status);
    if (peerLastWord !== next.peerLastWord) next = { ...next, peerLastWord };
    const peerExclusion = message.status.exclusion.kind === "proof" ? "proof" : "assumption";
    if (peerExclusion !== next.peerExclusion) next = { ...next, peerExclusion };
    const fence = withFenceSeen(withPeerFence(next.fence, message.fence), message.fenceSeen);
    if (fence !== next.fence) next = { ...next, fence };
    // The peer holds a promise that was forgotten here (a new disk, a restored state): it may serve on unconfirmed, so
    // what holds now is promised anew above it, and binds until the peer has acknowledged that.
    if (message.promiseSeen > next.ownPromise.sequence) {
      const ownPromise = { sequence: message.promiseSeen + 1, kind: next.ownPromise.kind };
      next = { ...next, ownPromise, isOwnPromiseKnown: false };
    }
    // Turned differently while apart and as often: off wins, for it does nothing that would have to be undone.
    const isTie = message.enabled.sequence === next.enabledSequence && !message.enabled.isEnabled && next.isEnabled;
    if (message.enabled.sequence > next.enabledSequence || isTie) {
      next = withEnabled(next, message.enabled, ports.clock.wallMs());
    }
    const pause = laterPause(next.pause, message.pause);
    return pause === next.pause ? next : { ...next, pause };
  }, "peer");
  // Until this is answered the peer is still bound, so it has not claimed as of now (docs/ownership.md 5).
  if (isNew && wasFreed) noteConfirmation(context, ownershipClockMs(context), "peer");
  notePeerState(context);
}

/** One line for each change, whoever notices it first. */
export function notePeerState(context: ActorContext): void {
  const { situation, ports } = context;
  const from = situation.peerStateNoted;
  const to = peerState(context);
  if (from === to) return;
  situation.peerStateNoted = to;
  ports.log.info("peer-state-changed", { from, to });
  const isGone = (state: StateName): boolean => state === "inactive" || state === "stopped" || state === "unknown";
  if (isGone(from) === isGone(to)) return;
  const name = isGone(to) ? "ConnectionLost" : "ConnectionRestored";
  void recordEvent(context, { name, who: "watch", why: `the other server was ${from} and is ${to}`, result: to });
}

function lastWord(status: PeerMessage["status"]): "" | "stopped" | "turned_off" {
  if (status.isStopping) return "stopped";
  return status.state === "turned_off" ? "turned_off" : "";
}

/** Servers are updated one after the other: another version of the same protocol is a warning, no error. */
function noteVersion({ ports, situation }: ActorContext, peerVersion: string): void {
  if (peerVersion === ports.build.version || situation.peerStatus?.version === peerVersion) return;
  ports.log.warn("versions-differ", { version: ports.build.version, peerVersion });
}

/** True when the peer was heard within the last heartbeats; its words count only then. */
export function isPeerFresh(context: ActorContext): boolean {
  return ageSeconds(context, context.situation.peerHeardAtMs) <= context.settings.link.heartbeatSeconds * 3;
}
