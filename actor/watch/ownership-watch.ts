import { z } from "zod";
import { errorMessage } from "../../shared/core/app-error.js";
import type { ServerName } from "../../shared/core/server-name.js";
import type { ActorContext } from "../actor-context.js";
import { ownershipRecordSchema, type OperationDocument } from "../core/kept-facts.js";
import { decideServing, judgeRecord } from "../core/ownership.js";
import { withDeadline } from "../../shared/deadline.js";
import { ownFence } from "../own-fence.js";
import { isReadyToServe } from "../core/readiness.js";
import type { OwnershipRecord } from "../core/ownership-record.js";
import { guardLookSeconds } from "../guard/guard-times.js";
import { confirmationAgeSeconds, ownershipClockMs } from "../ownership-clock.js";
import { renewLease } from "./guard-watch.js";
import { runLoop } from "./loop.js";
import { learnRecord, noteConfirmation, refutedBecause } from "./note-confirmation.js";
import { settleOrphanClaim } from "./settle-claim.js";
import { witnessHeldAgeSeconds } from "./witness-watch.js";

const confirmReply = z.object({
  isGranted: z.boolean(),
  because: z.string(),
  record: ownershipRecordSchema.nullable(),
});

/** Confirms ownership, fences when it cannot be confirmed, and starts the managed system of the owner again. */
export function runOwnershipWatch(context: ActorContext): Promise<unknown> {
  const { settings } = context;
  const fenceSeconds = guardLookSeconds(settings);
  return Promise.all([
    runLoop(
      context,
      "confirm",
      () => settings.ownership.confirmSeconds,
      () => confirmOnce(context),
    ),
    runLoop(context, "fence", () => fenceSeconds, createFenceTick(context)),
    runLoop(
      context,
      "serve",
      () => fenceSeconds,
      () => serveIfOwner(context),
    ),
  ]);
}

/** One round of questions to every source of confirmation; none waits for another. */
export async function confirmOnce(context: ActorContext): Promise<void> {
  const askedAtMs = ownershipClockMs(context);
  await Promise.all([confirmByRecord(context, askedAtMs), confirmByPeer(context, askedAtMs)]);
  context.situation.isFirstConfirmationOver = true;
}

async function confirmByRecord(context: ActorContext, askedAtMs: number): Promise<void> {
  const { ports, settings, situation, store, server, signal } = context;
  const sentAtMs = ports.clock.monotonicMs();
  try {
    const read = await withDeadline(
      ports.clock,
      { what: "reading the ownership record", limitSeconds: settings.dns.limitSeconds, signal },
      (limited) => ports.nameServer.readRecord(limited),
    );
    situation.isUpdateServerReachable = true;
    situation.lastReadRecord = read;
    situation.recordAskedAtMs = sentAtMs;
    situation.recordReadAtWallMs = ports.clock.wallMs();
    if (read && judgeRecord(read, store.facts.record, server).kind === "newer") {
      await learnRecord(context, read, "update-server");
    }
    await settleOrphanClaim(context, read);
    const judgement = judgeRecord(read, store.facts.record, server);
    if (judgement.kind === "own") noteConfirmation(context, askedAtMs, "update-server");
    noteProblem(context, judgement.kind === "confirms-nothing" ? judgement.because : "");
  } catch (error) {
    situation.isUpdateServerReachable = false;
    noteProblem(context, errorMessage(error));
  }
}

function noteProblem(context: ActorContext, problem: string): void {
  const { situation, ports } = context;
  if (situation.recordProblem === problem) return;
  const wasFine = situation.recordProblem === "";
  situation.recordProblem = problem;
  if (problem === "") ports.log.info("ownership-record-readable", {});
  // A server that hangs is described in two ways in turn; one line says it.
  else if (wasFine) ports.log.warn("ownership-record-problem", { because: problem });
  else ports.log.debug("ownership-record-problem", { because: problem });
}

async function confirmByPeer(context: ActorContext, askedAtMs: number): Promise<void> {
  const { ports, settings, store, server, signal } = context;
  const { record } = store.facts;
  if (record?.active !== server) return;
  try {
    const options = { limitSeconds: settings.dns.limitSeconds, signal };
    const reply = await ports.link.ask("ownership/confirm", { fields: { epoch: record.epoch } }, options);
    const answer = confirmReply.parse(reply.fields);
    if (answer.record) await learnRecord(context, answer.record, "peer");
    if (answer.isGranted && store.facts.record?.epoch === record.epoch) noteConfirmation(context, askedAtMs, "peer");
  } catch (error) {
    ports.log.debug("confirmation-by-peer-missing", { because: errorMessage(error) });
  }
}

/** A tick that stops the managed system when this server may not serve; also after a pause that only one clock saw. */
function createFenceTick(context: ActorContext): () => Promise<void> {
  const { ports, situation, signal } = context;
  ownershipClockMs(context);
  return async () => {
    const pausedMs = situation.clocksSeen?.pausedMs ?? 0;
    ownershipClockMs(context);
    const newlyPausedMs = (situation.clocksSeen?.pausedMs ?? 0) - pausedMs;
    if (newlyPausedMs > 1000) ports.log.warn("clocks-disagree", { pausedMs: newlyPausedMs });
    if (newlyPausedMs > 0 && confirmationAgeSeconds(context) > ownFence(context).selfFenceSeconds) {
      // The machine was suspended, or somebody set the clock: one question, and a second's time for its answer.
      await Promise.race([confirmOnce(context), ports.clock.sleep(1000, signal)]);
    }
    if (situation.isFirstConfirmationOver) await fenceIfNeeded(context);
    // Only now: a fence that hangs must not look alive.
    await renewLease(context);
  };
}

async function fenceIfNeeded(context: ActorContext): Promise<void> {
  const { ports, situation, store, server, keeper, signal } = context;
  const fence = ownFence(context);
  const decision = decideServing(
    {
      server,
      record: newestRecord(context),
      confirmedAgeSeconds: confirmationAgeSeconds(context),
      refutedBecause: refutedBecause(context),
      peerPromise: store.facts.peerPromise,
      updateServerSite: fence.updateServerSite,
      areExternalResourcesAvailable: situation.areExternalResourcesAvailable,
      witnessHeldAgeSeconds: witnessHeldAgeSeconds(context),
    },
    fence,
  );
  if (decision.kind === "may-serve") {
    situation.isFenced = false;
    return;
  }
  // A standby is stopped as well, but only an owner that may not serve is fenced.
  const isFenced = newestRecord(context)?.active === server;
  if (isFenced && !situation.isFenced) ports.log.warn("fencing", { because: decision.because });
  situation.isFenced = isFenced;
  if (!situation.isServing) return;
  situation.shouldStart = true;
  await keeper.stop(decision.because, signal);
}

/** What was read counts at once, even when a full disk keeps it from being kept. */
function newestRecord({ store, situation }: ActorContext): OwnershipRecord | null {
  const kept = store.facts.record;
  const read = situation.lastReadRecord;
  return read && kept && read.epoch > kept.epoch ? read : kept;
}

/** Starts the managed system of the owner after a start of the actor or a fence; never in the middle of an operation. */
async function serveIfOwner(context: ActorContext): Promise<void> {
  const { situation, store, server, settings, keeper, signal } = context;
  if (!situation.isFirstConfirmationOver || !situation.isFirstHeartbeatOver) return;
  await keeper.look(signal);
  const { record, operation } = store.facts;
  // Seen while the fence stops it, it does not serve; the fence wants it back as soon as it may.
  if (situation.isWhole && record?.active === server && !situation.isFenced) situation.shouldStart = false;
  const isInTheWay = operation !== null && !mayServeDuring(operation, server);
  if (situation.isWhole || !situation.shouldStart || isInTheWay || !isReadyToServe(store.facts)) return;
  if (confirmationAgeSeconds(context) > settings.ownership.confirmSeconds * 3) return;
  await keeper.start(signal).catch((error: unknown) => {
    situation.startProblem = errorMessage(error);
    throw error;
  });
  situation.startProblem = "";
}

/**
 * A claimant that has done its step `start-managed-system` and was restarted since serves again like any owner. So
 * does a coordinator that has not yet begun to stop: synchronising ahead may take hours.
 */
function mayServeDuring(operation: OperationDocument, server: ServerName): boolean {
  const stateOf = (name: string): string | undefined =>
    operation.steps.find((step) => step.name === name && step.runsOn === server)?.state;
  if (operation.part === "claimant") return stateOf("start-managed-system") === "done";
  return operation.state === "running" && stateOf("stop-managed-system") === "waiting";
}
