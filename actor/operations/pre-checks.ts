import { z } from "zod";
import { preCheckView, type PreCheckView } from "../../shared/core/operation-plan.js";
import { withDeadline } from "../../shared/deadline.js";
import { isPeerConnected, peerName, type ActorContext } from "../actor-context.js";
import { isBoundByPromise } from "../core/kept-facts.js";
import { judgeRecord } from "../core/ownership.js";
import { isReadyToServe } from "../core/readiness.js";
import { isPeerFresh } from "../peer-message.js";
import { witnessWord } from "../watch/witness-watch.js";

/** What is looked at before an operation. A check that fails says why; `hint` says what to do. */
type Found = Omit<PreCheckView, "server" | "hint"> & { readonly hint?: string };

const passed = (name: string, because: string): Found => ({ name, passed: true, because });
const failed = (name: string, because: string, hint = ""): Found => ({ name, passed: false, because, hint });

/** What speaks against what was looked at, one sentence each. */
export function obstaclesOf(checks: readonly PreCheckView[]): string[] {
  return checks.filter((check) => !check.passed).map(({ because }) => because);
}

/** Everything seen from the active server that matters for a planned switchover now. It changes nothing. */
export async function checkSource(context: ActorContext, signal: AbortSignal): Promise<readonly PreCheckView[]> {
  const { ports, store, server } = context;
  const { facts } = store;
  // What is not ready has nothing of its own to bring over.
  const items = isReadyToServe(facts) ? ports.parts.flatMap((part) => part.status()) : [];
  return named(context, [
    isPeerConnected(context)
      ? passed("peer-connected", "the other server is connected")
      : failed("peer-connected", "the other server is not connected"),
    facts.isEnabled
      ? passed("turned-on", "SpareSync is turned on")
      : failed("turned-on", "SpareSync is turned off; turn it on first"),
    ...configurationErrors(context, "configuration error "),
    ...items.flatMap((item) => {
      const what = `${item.kind} ${item.name}`;
      if (item.health === "fatal") return [failed("data-healthy", `${what}: ${item.because}`)];
      if (server === "primary" && !item.isComplete)
        return [failed("data-complete", `${what} is not a whole copy yet`, "Wait for the initial copy.")];
      return [passed("data-complete", `${what}: ${item.pendingChanges} changes are left to bring over`)];
    }),
    await recordCheck(context, signal),
  ]);
}

async function recordCheck(context: ActorContext, signal: AbortSignal): Promise<Found> {
  const { ports, settings, store, server } = context;
  try {
    const read = await withDeadline(
      ports.clock,
      { what: "reading the ownership record", limitSeconds: settings.dns.limitSeconds, signal },
      (limited) => ports.nameServer.readRecord(limited),
    );
    return judgeRecord(read, store.facts.record, server).kind === "own"
      ? passed("record-confirmed", "the update server confirms that this server owns the name")
      : failed("record-confirmed", "the update server does not confirm that this server owns the name");
  } catch {
    return failed("record-confirmed", "the update server does not answer");
  }
}

function configurationErrors({ store }: ActorContext, prefix: string): Found[] {
  const errors = store.facts.configurationErrors;
  if (errors.length === 0) return [passed("no-configuration-error", "there is no configuration error")];
  const hint = "Mend the cause, then: sparesync mark-checked";
  return errors.map((error) => failed("no-configuration-error", `${prefix}${error.reason}: ${error.because}`, hint));
}

/** What speaks for and against this server's taking over in a planned switchover, seen from itself. */
export function checkTarget(context: ActorContext): readonly PreCheckView[] {
  const { ports, situation, store } = context;
  const { operation, claim } = store.facts;
  return named(context, [
    ...configurationErrors(context, ""),
    operation
      ? failed("no-operation", `operation ${operation.id} is running`)
      : passed("no-operation", "no operation is running"),
    claim
      ? failed("no-claim", `claim of operation ${claim.operationId} is not settled yet`)
      : passed("no-claim", "no claim of a former operation is open"),
    updateServerCheck(situation.isUpdateServerReachable, "the update server does not answer here"),
    ...ports.parts
      .flatMap((part) => part.status())
      .map((item) =>
        item.health === "fatal"
          ? failed("data-healthy", `${item.kind} ${item.name}: ${item.because}`)
          : passed("data-healthy", `${item.kind} ${item.name}: ${item.health}`),
      ),
  ]);
}

function updateServerCheck(isReachable: boolean, because: string): Found {
  return isReachable
    ? passed("update-server-answers", "the update server answers")
    : failed("update-server-answers", because);
}

export interface TakeoverRequest {
  readonly isForced: boolean;
  /** A person says that the application on the other server is stopped. */
  readonly isPeerOff: boolean;
}

/** What matters for a takeover by this server alone: from a lost peer, or forced by a person who accepts the loss. */
export function checkTakeover(
  context: ActorContext,
  { isForced, isPeerOff }: TakeoverRequest,
): readonly PreCheckView[] {
  const { situation } = context;
  return named(context, [
    ...(isForced ? [wordCheck(context, isPeerOff)] : [lostCheck(context), promiseCheck(context)]),
    ...(isForced ? [] : witnessCheck(context)),
    copyCheck(context, isForced),
    updateServerCheck(situation.isUpdateServerReachable, "the update server does not answer"),
  ]);
}

/** A person may take over without the witness's answer, not against it. */
function witnessCheck(context: ActorContext): readonly Found[] {
  switch (witnessWord(context)) {
    case "none":
      return [];
    case "held":
      return [
        failed(
          "witness-allows",
          "the primary holds the lease of the witness, so it serves and is not lost",
          "If its application is certainly stopped: sparesync force --to secondary --peer-is-off",
        ),
      ];
    case "unknown":
      return [passed("witness-allows", "the witness does not answer; the takeover goes on without it")];
    case "free":
      return [passed("witness-allows", "the primary does not hold the lease of the witness")];
  }
}

function lostCheck(context: ActorContext): Found {
  const { situation } = context;
  const isServing = situation.peerStatus?.managedSystem.isWhole === true && situation.isActiveAvailable;
  return isPeerFresh(context) && isServing
    ? failed("active-server-lost", "the primary is connected and serves", "Use: sparesync switch --to secondary")
    : passed("active-server-lost", "the primary is not seen to be connected and to serve");
}

function promiseCheck({ store }: ActorContext): Found {
  return isBoundByPromise(store.facts)
    ? failed(
        "no-promise",
        "this server has promised the primary not to claim, so the primary may serve on unconfirmed",
        "Turn SpareSync and automatic switching on while the servers are connected; if the primary is certainly off: sparesync force --to secondary --peer-is-off",
      )
    : passed("no-promise", "no promise binds this server");
}

function copyCheck({ ports }: ActorContext, isForced: boolean): Found {
  const incomplete = ports.parts.flatMap((part) => part.status()).filter((item) => !item.isComplete);
  const names = incomplete.map((item) => item.name).join(", ");
  if (incomplete.length === 0) return passed("copy-complete", "this server holds a whole copy");
  return isForced
    ? passed("copy-complete", `not a whole copy: ${names}; what is missing is lost`)
    : failed("copy-complete", `not a whole copy: ${names}`, "Wait for the initial copy.");
}

/**
 * Where the other server does not fence itself for want of a confirmation (docs/ownership.md 5), time proves nothing:
 * it must say itself that it has stopped, or a person must.
 */
export function isWordNeeded({ server, store }: ActorContext): boolean {
  return server === "primary" || isBoundByPromise(store.facts);
}

function wordCheck(context: ActorContext, isPeerOff: boolean): Found {
  const peer = peerName(context);
  const { peerStatus } = context.situation;
  // Believed, it would spare the wait for a server that serves.
  if (isPeerOff && isPeerFresh(context) && peerStatus?.managedSystem.isServing === true) {
    return failed(
      "peer-stops",
      `the ${peer} is connected and says that its application runs: it is not stopped`,
      "Ask again without --peer-is-off: it will be told to stop.",
    );
  }
  if (isPeerOff && isWordNeeded(context)) {
    return passed("peer-stops", `a person says that the application on the ${peer} is stopped`);
  }
  if (isPeerConnected(context)) return passed("peer-stops", `the ${peer} is connected and will be told to stop`);
  if (!isWordNeeded(context)) {
    return passed(
      "peer-stops",
      `the ${peer} fences itself when it cannot confirm: that is waited for, whatever a person says`,
    );
  }
  return failed(
    "peer-stops",
    `the ${peer} is not connected, and it may serve on without a confirmation`,
    `Make sure by hand that the application on the ${peer} is stopped and stays so, then ask again with --peer-is-off.`,
  );
}

function named({ server }: ActorContext, found: readonly Found[]): readonly PreCheckView[] {
  return found.map(({ hint = "", ...check }) => ({ server, ...check, hint }));
}

const peerChecks = z.object({ checks: z.array(preCheckView) });

/** The checks of the other server, over the link; a server that does not answer is a check that failed. */
export function askTargetChecks(context: ActorContext): Promise<readonly PreCheckView[]> {
  return askChecks(context, "target");
}

export function askSourceChecks(context: ActorContext): Promise<readonly PreCheckView[]> {
  return askChecks(context, "source");
}

async function askChecks(context: ActorContext, of: "source" | "target"): Promise<readonly PreCheckView[]> {
  const limits = { limitSeconds: 10, signal: context.signal };
  try {
    const reply = await context.ports.link.ask("operations/pre-checks", { fields: { of } }, limits);
    return peerChecks.parse(reply.fields).checks;
  } catch {
    const because = "the other server does not answer, so what it sees is not known";
    return [{ server: peerName(context), name: "answers", passed: false, because, hint: "" }];
  }
}
