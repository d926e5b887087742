import { z } from "zod";
import { errorMessage } from "../../shared/core/app-error.js";
import { ageSeconds, type ActorContext } from "../actor-context.js";
import { ownershipRecordSchema } from "../core/kept-facts.js";
import { decideServing, judgeRecord } from "../core/ownership.js";
import { withDeadline } from "../deadline.js";
import { runLoop } from "./loop.js";
import { learnRecord, noteConfirmation } from "./note-confirmation.js";
import { settleOrphanClaim } from "./settle-claim.js";

const confirmReply = z.object({
  isGranted: z.boolean(),
  because: z.string(),
  record: ownershipRecordSchema.nullable(),
});

/** Confirms ownership, fences when it cannot be confirmed, and starts the managed system of the owner again. */
export function runOwnershipWatch(context: ActorContext): Promise<unknown> {
  const { settings } = context;
  const fenceSeconds = Math.min(1, settings.ownership.confirmSeconds / 2);
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
  const askedAtMs = context.ports.clock.monotonicMs();
  await Promise.all([confirmByRecord(context, askedAtMs), confirmByPeer(context, askedAtMs)]);
  context.situation.isFirstConfirmationOver = true;
}

async function confirmByRecord(context: ActorContext, askedAtMs: number): Promise<void> {
  const { ports, settings, situation, store, server, signal } = context;
  try {
    const read = await withDeadline(
      ports.clock,
      "reading the ownership record",
      settings.dns.limitSeconds,
      signal,
      (limited) => ports.nameServer.readRecord(limited),
    );
    situation.isUpdateServerReachable = true;
    situation.lastReadRecord = read;
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
  situation.recordProblem = problem;
  if (problem === "") ports.log.info("ownership-record-readable", {});
  else ports.log.warn("ownership-record-problem", { because: problem });
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

/** A tick that stops the managed system when this server may not serve; also after a freeze that only one clock saw. */
function createFenceTick(context: ActorContext): () => Promise<void> {
  const { ports, settings, situation } = context;
  let monotonicMs = ports.clock.monotonicMs();
  let wallMs = ports.clock.wallMs();
  return async () => {
    const passedMs = ports.clock.monotonicMs() - monotonicMs;
    const passedWallMs = ports.clock.wallMs() - wallMs;
    monotonicMs += passedMs;
    wallMs += passedWallMs;
    if (passedWallMs - passedMs > settings.ownership.selfFenceSeconds * 1000) {
      // The wall clock moved and the monotonic one did not: the machine was suspended, or somebody set the clock.
      ports.log.warn("clocks-disagree", { monotonicMs: passedMs, wallMs: passedWallMs });
      situation.confirmedAtMs = undefined;
      await confirmOnce(context);
    }
    if (situation.isFirstConfirmationOver) await fenceIfNeeded(context);
  };
}

async function fenceIfNeeded(context: ActorContext): Promise<void> {
  const { ports, settings, situation, store, server, keeper, signal } = context;
  const decision = decideServing(
    {
      server,
      record: store.facts.record,
      confirmedAgeSeconds: ageSeconds(context, situation.confirmedAtMs),
      peerPromise: store.facts.peerPromise,
      updateServerSite: settings.ownership.updateServerSite,
      areExternalResourcesAvailable: situation.areExternalResourcesAvailable,
    },
    settings.ownership,
  );
  if (decision.kind === "may-serve") {
    situation.isFenced = false;
    return;
  }
  if (!situation.isServing) return;
  if (!situation.isFenced) ports.log.warn("fencing", { because: decision.because });
  situation.isFenced = true;
  situation.shouldStart = true;
  await keeper.stop(decision.because, signal);
}

/** Starts the managed system of the owner after a start of the actor or a fence; never in the middle of an operation. */
async function serveIfOwner(context: ActorContext): Promise<void> {
  const { situation, store, server, settings, keeper, signal } = context;
  if (!situation.isFirstConfirmationOver || !situation.isFirstHeartbeatOver) return;
  const isServing = await keeper.look(signal);
  const { record, operation } = store.facts;
  if (isServing && record?.active === server) situation.shouldStart = false;
  // A claimant that has done its step `start-managed-system` and was restarted since serves again like any owner.
  const isInTheWay =
    operation !== null &&
    !operation.steps.some(
      (step) => step.name === "start-managed-system" && step.runsOn === server && step.state === "done",
    );
  if (isServing || !situation.shouldStart || isInTheWay || record?.active !== server) return;
  if (ageSeconds(context, situation.confirmedAtMs) > settings.ownership.confirmSeconds * 3) return;
  await keeper.start(signal);
}
