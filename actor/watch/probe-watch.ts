import { errorMessage } from "../../shared/core/app-error.js";
import type { ServerName } from "../../shared/core/server-name.js";
import { withDeadline } from "../../shared/deadline.js";
import type { ActorContext } from "../actor-context.js";
import { emptyProbeWindow, nextProbeWindow } from "../core/probe-window.js";
import { recordEvent } from "../record-event.js";
import { runLoop } from "./loop.js";

/** No probe may hold up the next look for longer, whatever its own limits are. */
const probeLimitSeconds = 30;

/** Looks at the active server from here, at this server's own line, and at what other places say. */
export function runProbes(context: ActorContext): Promise<unknown> {
  const { probeSeconds } = context.settings.failover;
  const every = (name: string, seconds: number, look: () => Promise<void>): Promise<void> =>
    runLoop(context, name, () => seconds, look);
  return Promise.all([
    every("probe", probeSeconds, () => probeActive(context)),
    every("external-resources", Math.min(10, probeSeconds), () => lookAtExternalResources(context)),
    every("vantages", probeSeconds, () => askVantages(context)),
  ]);
}

async function lookAtExternalResources(context: ActorContext): Promise<void> {
  const { ports, situation, signal } = context;
  const startedAtMs = ports.clock.monotonicMs();
  const areAvailable = await withDeadline(
    ports.clock,
    { what: "looking at external resources", limitSeconds: probeLimitSeconds, signal },
    (limited) => ports.areExternalResourcesAvailable(limited),
  ).catch(() => false);
  if (areAvailable !== situation.areExternalResourcesAvailable) {
    ports.log.info("external-resources-changed", { areAvailable });
    const name = areAvailable ? "ExternalResourcesRestored" : "ExternalResourcesLost";
    await recordEvent(context, { name, who: "watch", why: "" });
  }
  situation.areExternalResourcesAvailable = areAvailable;
  if (!areAvailable) situation.externalResourcesAvailableSinceMs = undefined;
  else situation.externalResourcesAvailableSinceMs ??= startedAtMs;
}

async function probeActive(context: ActorContext): Promise<void> {
  const { ports, situation, store, server, settings, signal } = context;
  const { record } = store.facts;
  if (!record || record.active === server) {
    situation.probeWindow = emptyProbeWindow;
    noteAvailable(context, ports.clock.wallMs());
    situation.isAnswering = !record || (await isAnsweringHere(context));
    return;
  }
  situation.isAnswering = true;
  const startedAtMs = ports.clock.monotonicMs();
  const startedAtWallMs = ports.clock.wallMs();
  const { available, because } = await withDeadline(
    ports.clock,
    { what: "probing the active server", limitSeconds: probeLimitSeconds, signal },
    (limited) => ports.managedSystem.probePublic(record.active, limited),
  ).catch((error: unknown) => ({ available: false, because: errorMessage(error) }));
  // Begun before a sleep and ended after it: it tells nothing of what is now.
  if (startedAtMs < (situation.wokenAtMs ?? -Infinity)) return;
  const probe = { startedAtMs, startedAtWallMs, available };
  situation.probeWindow = nextProbeWindow(situation.probeWindow, probe, settings.failover);
  const { outageSince } = situation.probeWindow;
  if (!outageSince) {
    if (!available) return;
    noteAvailable(context, startedAtWallMs);
    await recordVisible(context, record.active);
    return;
  }
  if (situation.unavailableSinceMs !== undefined) return;
  situation.unavailableSinceMs = outageSince.startedAtMs;
  situation.unavailableSinceWallMs = outageSince.startedAtWallMs;
  situation.isActiveAvailable = false;
  ports.log.warn("managed-system-unavailable", { server: record.active, because });
  await recordEvent(context, { name: "MainAppInvisible", who: "watch", why: because, subject: record.active });
}

/** The active server looks at its own test page, so that its word counts when an application hangs that still runs. */
async function isAnsweringHere({ ports, signal }: ActorContext): Promise<boolean> {
  const limit = { what: "probing this server's own test page", limitSeconds: probeLimitSeconds, signal };
  const probe = withDeadline(ports.clock, limit, (limited) => ports.managedSystem.probeLocal(limited));
  return (await probe.catch(() => ({ available: false }))).available;
}

function noteAvailable(context: ActorContext, seenAtWallMs: number): void {
  const { situation, ports } = context;
  situation.lastAvailableWallMs = seenAtWallMs;
  if (situation.unavailableSinceMs !== undefined) ports.log.info("managed-system-available", {});
  endOutage(context);
}

/** What was seen of an outage does not count any more. */
export function endOutage({ situation }: ActorContext): void {
  situation.isActiveAvailable = true;
  situation.unavailableSinceMs = undefined;
  situation.unavailableSinceWallMs = 0;
}

/** By what was kept, so that an outage during which this actor was restarted has its end told as well. */
async function recordVisible(context: ActorContext, active: ServerName): Promise<void> {
  const { MainAppInvisible = 0, MainAppVisible = 0 } = context.store.facts.eventTimesMs;
  if (MainAppInvisible === 0 || MainAppVisible > MainAppInvisible) return;
  await recordEvent(context, { name: "MainAppVisible", who: "watch", why: "", subject: active });
}

async function askVantages({ ports, situation, store, server, settings, signal }: ActorContext): Promise<void> {
  if (settings.failover.vantages.length === 0) return;
  // What they look at is the other server's public address: on the active server there is nothing to ask.
  if (store.facts.record?.active === server) {
    situation.vantages = undefined;
    return;
  }
  const askedAtMs = ports.clock.monotonicMs();
  const askedAtWallMs = ports.clock.wallMs();
  const words = await withDeadline(
    ports.clock,
    { what: "asking other vantages", limitSeconds: probeLimitSeconds, signal },
    (limited) => ports.vantages.look(limited),
  );
  for (const { name, says, because } of words) {
    const before = situation.vantages?.words.find((word) => word.name === name);
    if (before?.says !== says) ports.log.info("vantage-says", { name, says, because });
  }
  situation.vantages = { askedAtMs, askedAtWallMs, words };
}
