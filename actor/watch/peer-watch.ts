import { isConfigurationErrorLasting } from "../lasting-errors.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { peerState, type ActorContext } from "../actor-context.js";
import { type ConfigurationFacts, findConfigurationErrors } from "../core/configuration-errors.js";
import { fenceTermsOf, withOwnFence } from "../core/fence-terms.js";
import type { Promised } from "../core/kept-facts.js";
import { linkRefusalOf } from "../link/link-refused-error.js";
import { createPeerMessage, notePeerState, peerMessage, takePeerMessage } from "../peer-message.js";
import { judgeReadiness } from "../core/readiness.js";
import { runLoop } from "./loop.js";

/** Heartbeats to the peer, the promise not to claim, and the configuration errors that two servers together show. */
export function runPeerWatch(context: ActorContext): Promise<unknown> {
  const { settings } = context;
  return Promise.all([
    runLoop(
      context,
      "heartbeat",
      () => settings.link.heartbeatSeconds,
      async () => {
        await keepPromise(context);
        await sendHeartbeat(context);
        // The next heartbeat tells it; until then the safer of both holds, and the first one need not wait for a disk.
        await keepAnnounced(context);
      },
    ),
    runLoop(
      context,
      "judge-pair",
      () => Math.min(1, settings.link.heartbeatSeconds),
      async () => {
        notePeerState(context);
        await keepConfigurationErrors(context);
      },
    ),
  ]);
}

export async function sendHeartbeat(context: ActorContext): Promise<void> {
  const { ports, settings, situation, signal } = context;
  const askedAtMs = ports.clock.monotonicMs();
  const askedAtWallMs = ports.clock.wallMs();
  try {
    const reply = await ports.link.ask(
      "heartbeat",
      { fields: createPeerMessage(context) },
      { limitSeconds: Math.max(1, settings.link.heartbeatSeconds), signal },
    );
    const message = peerMessage.parse(reply.fields);
    const roundTripMs = ports.clock.monotonicMs() - askedAtMs;
    situation.peerRoundTripSeconds = roundTripMs / 1000;
    situation.peerClockOffsetSeconds = (message.status.wallMs - (askedAtWallMs + roundTripMs / 2)) / 1000;
    await takePeerMessage(context, message);
  } catch (error) {
    const because = errorMessage(error);
    const refusal = linkRefusalOf(error);
    if (refusal === "same-roles") situation.peerRefusal = "same-roles";
    if (refusal === "unknown-protocol") situation.peerRefusal = "protocol";
    ports.log.debug("heartbeat-missing", { because });
  } finally {
    situation.isFirstHeartbeatOver = true;
    situation.heartbeatAskedAtMs = askedAtMs;
  }
}

/** What this server should promise now; only a standby has anything to promise. */
export function desiredPromise(context: ActorContext): Promised["kind"] {
  const { settings, situation, store } = context;
  const { facts } = store;
  if (facts.record?.active === context.server) return null;
  if (situation.isStopping) return "stopped";
  if (!facts.isEnabled) return "turned-off";
  if (!settings.failover.automatic || settings.failover.observeOnly) return "not-automatic";
  if (facts.configurationErrors.length > 0) return "configuration-error";
  return null;
}

/** Changes the promise durably before the peer hears of it. Never in the middle of a takeover. */
export async function keepPromise(context: ActorContext): Promise<void> {
  const { store } = context;
  const kind = desiredPromise(context);
  const before = store.facts.ownPromise;
  if (kind === before.kind) return;
  const after = await store.change((facts) => {
    if (facts.claim !== null && kind !== null) return facts;
    return { ...facts, ownPromise: { sequence: facts.ownPromise.sequence + 1, kind }, isOwnPromiseKnown: false };
  });
  if (after.ownPromise.sequence === before.sequence) return;
  context.ports.log.info("promise-changed", { promise: kind ?? "none" });
}

/**
 * What this server tells of its fence, and the id of its memory (see `takeHandOver`); durable before the other server
 * hears of it, as a promise is.
 */
async function keepAnnounced({ store, settings, ports }: ActorContext): Promise<void> {
  const before = store.facts.fence;
  const terms = fenceTermsOf(settings);
  const newMemoryId = store.facts.memoryId === "" ? ports.random.id() : "";
  const { fence } = await store.change((facts) => {
    const announced = withOwnFence(facts.fence, terms);
    if (announced === facts.fence && facts.memoryId !== "") return facts;
    return { ...facts, fence: announced, memoryId: facts.memoryId || newMemoryId };
  });
  if (fence.own.sequence !== before.own.sequence) ports.log.info("fence-announced", { ...terms });
}

async function keepConfigurationErrors(context: ActorContext): Promise<void> {
  const { ports, settings, situation, store } = context;
  const present = findConfigurationErrors(
    {
      server: context.server,
      peerStatus: situation.peerStatus,
      isPeerStateKnown: peerState(context) !== "inactive" && peerState(context) !== "unknown",
      peerRefusal: situation.peerRefusal,
      clockOffsetSeconds: situation.peerClockOffsetSeconds,
      timeZone: ports.build.timeZone,
      pointsToNeitherSeconds:
        situation.namePointsToNeitherSinceMs === undefined
          ? 0
          : (ports.clock.monotonicMs() - situation.namePointsToNeitherSinceMs) / 1000,
      nameAddresses: {
        name: settings.dns.name,
        published: situation.publishedAddresses,
        primary: ports.nameServer.addressesOf("primary"),
        secondary: ports.nameServer.addressesOf("secondary"),
      },
      isOperationRunning: store.facts.operation !== null,
      readiness: situation.isFirstConfirmationOver ? judgeReadiness(store.facts) : "not-owner",
      items: lookAtItems(context),
    },
    { maximumOffsetSeconds: settings.clock.maximumOffsetSeconds },
  );
  const kept = store.facts.configurationErrors;
  const isKept = (reason: string): boolean => kept.some((error) => error.reason === reason);
  const added = present.filter((error) => !isKept(error.reason));
  const nowMs = ports.clock.monotonicMs();
  const { configurationErrorFoundAtMs: foundAtMs } = situation;
  for (const { reason } of present) foundAtMs.set(reason, nowMs);
  // Kept from before a start of the actor: found just now, as far as this process knows.
  for (const { reason } of kept) if (!foundAtMs.has(reason)) foundAtMs.set(reason, nowMs);
  const gone = settings.configurationErrorClearsItself
    ? kept.filter((error) => !isConfigurationErrorLasting(context, error.reason))
    : [];
  if (added.length === 0 && gone.length === 0) return;
  const sinceMs = ports.clock.wallMs();
  await store.change((facts) => ({
    ...facts,
    configurationErrors: [
      ...facts.configurationErrors.filter((error) => !gone.some((other) => other.reason === error.reason)),
      ...added.map((error) => ({ ...error, sinceMs })),
    ],
  }));
  for (const error of added) ports.log.error("configuration-error", { ...error });
  for (const error of gone) ports.log.info("configuration-error-over", { reason: error.reason });
}

/** For how long each folder and database has been fatal; one that is well for a moment begins anew. */
function lookAtItems({ ports, situation }: ActorContext): ConfigurationFacts["items"] {
  const nowMs = ports.clock.monotonicMs();
  const { itemFatalSinceMs: sinceMs } = situation;
  return ports.parts
    .flatMap((part) => part.status())
    .map(({ kind, name, health, because }) => {
      const key = `${kind} ${name}`;
      if (health !== "fatal") sinceMs.delete(key);
      else if (!sinceMs.has(key)) sinceMs.set(key, nowMs);
      const since = sinceMs.get(key);
      return { kind, name, because, fatalSeconds: since === undefined ? undefined : (nowMs - since) / 1000 };
    });
}
