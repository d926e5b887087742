import { errorMessage } from "../../shared/core/app-error.js";
import { ageSeconds, type ActorContext } from "../actor-context.js";
import { encodeOwnershipRecord, isSameRecord } from "../core/ownership-record.js";
import { decideHolding, judgeTaking, type WitnessHolder, type WitnessWord } from "../core/witness-rules.js";
import { ownFence } from "../own-fence.js";
import { confirmationAgeSeconds, ownershipClockMs } from "../ownership-clock.js";
import type { WitnessPort } from "../witness/witness-port.js";
import { runLoop } from "./loop.js";

/** Looks at the witness as often as ownership is confirmed; holds its lease while this server owns the name and serves. */
export function runWitnessWatch(context: ActorContext): Promise<unknown> {
  const { ports, settings } = context;
  const { witness } = ports;
  if (!witness) return Promise.resolve();
  return runLoop(
    context,
    "witness",
    () => settings.ownership.confirmSeconds,
    () => lookAtWitness(context, witness),
  );
}

/** One look. A witness out of reach is no failure of the loop: it is what is seen. */
export async function lookAtWitness(context: ActorContext, witness: WitnessPort): Promise<void> {
  const { ports, situation, signal } = context;
  const askedAtMs = ports.clock.monotonicMs();
  const heldAtMs = ownershipClockMs(context);
  try {
    const holder = await witness.read(signal);
    situation.witness = { ...situation.witness, askedAtMs, holder };
    noteProblem(context, await tend(context, witness, holder, heldAtMs));
  } catch (error) {
    if (signal.aborted) throw error;
    noteProblem(context, errorMessage(error));
  }
}

/** What is wrong, in words; empty: nothing. */
async function tend(
  context: ActorContext,
  witness: WitnessPort,
  holder: WitnessHolder | undefined,
  askedAtMs: number,
): Promise<string> {
  const { situation, store, server, signal } = context;
  const { record, claim } = store.facts;
  const { selfFenceSeconds } = ownFence(context);
  const decision = decideHolding({
    server,
    record,
    holder,
    isServingWell: situation.isWhole && situation.isAnswering && !situation.isFenced,
    isConfirmed:
      confirmationAgeSeconds(context) <= selfFenceSeconds ||
      (witnessHeldAgeSeconds(context) ?? Infinity) <= selfFenceSeconds,
    hasClaim: claim !== null,
    isRecordFresh:
      situation.isUpdateServerReachable &&
      record !== null &&
      situation.lastReadRecord !== undefined &&
      isSameRecord(record, situation.lastReadRecord),
  });
  switch (decision.kind) {
    case "leave":
      return decision.because;
    case "remove":
      if (holder) await witness.remove(holder, signal);
      await forgetLease(context, witness);
      return "";
    case "hold":
      if (await hold(context, witness, holder, decision.isHeld)) {
        situation.witness = {
          ...situation.witness,
          held: { atMs: askedAtMs, operationId: record?.operationId ?? "" },
        };
        return "";
      }
      return "the witness's key was changed by somebody else at the same moment";
  }
}

/** Whether the key was this record's at a moment after the question was asked. */
async function hold(
  context: ActorContext,
  witness: WitnessPort,
  holder: WitnessHolder | undefined,
  isHeld: boolean,
): Promise<boolean> {
  const { situation, store, signal } = context;
  const { leaseId } = situation.witness;
  const { record } = store.facts;
  if (!record) return false;
  const isLeased = isHeld && leaseId !== "" && holder?.leaseId === leaseId;
  if (isLeased && (await witness.keepLeaseAlive(leaseId, signal))) return true;
  const granted = await witness.grantLease(signal);
  // Meanwhile it may have been stopped or superseded; the next look removes what is too much.
  const text = encodeOwnershipRecord(record);
  const isWritten = await witness.write({ text, leaseId: granted }, isLeased ? undefined : holder, signal);
  situation.witness = { ...situation.witness, leaseId: isWritten ? granted : "" };
  return isWritten;
}

async function forgetLease({ situation, signal }: ActorContext, witness: WitnessPort): Promise<void> {
  const { leaseId } = situation.witness;
  situation.witness = { ...situation.witness, leaseId: "", held: undefined };
  // One that has ended already is an error to etcd and none here.
  if (leaseId !== "") await witness.revokeLease(leaseId, signal).catch(() => undefined);
}

function noteProblem({ situation, ports }: ActorContext, problem: string): void {
  const before = situation.witness.problem;
  if (before === problem) return;
  situation.witness = { ...situation.witness, problem };
  if (problem === "") ports.log.info("witness-answers", {});
  else if (before === "") ports.log.warn("witness-problem", { because: problem });
  else ports.log.debug("witness-problem", { because: problem });
}

/** Seconds since this record was last seen in the witness's key; undefined: no witness is set; Infinity: never. */
export function witnessHeldAgeSeconds(context: ActorContext): number | undefined {
  const { ports, situation, store } = context;
  if (!ports.witness) return undefined;
  const { held } = situation.witness;
  if (!held || held.operationId !== store.facts.record?.operationId) return Infinity;
  return (ownershipClockMs(context) - held.atMs) / 1000;
}

/** What the witness says of the other server, as of its last answer; one that is old says nothing. */
export function witnessWord(context: ActorContext): WitnessWord {
  const { ports, settings, situation, server } = context;
  if (!ports.witness || !settings.witness) return "none";
  const { confirmSeconds } = settings.ownership;
  const limitSeconds = confirmSeconds * 3 + settings.witness.limitSeconds;
  if (situation.witness.problem !== "" || ageSeconds(context, situation.witness.askedAtMs) > limitSeconds) {
    return "unknown";
  }
  return judgeTaking(situation.witness.holder, server).isAllowed ? "free" : "held";
}
