import type { ActorContext } from "../actor-context.js";
import { isPeerConnected } from "../actor-context.js";
import { decideDataRole } from "../core/data-role.js";
import { readOwnDivergence } from "../divergence/pair-divergence.js";
import { recordEvent } from "../record-event.js";
import { runLoop } from "./loop.js";

const compareEverySeconds = 5;
/** Counting reads the list of what is kept aside; nobody needs that every second. */
const countEverySeconds = 30;

/**
 * Compares what a lost server had with what this one has, as soon as it is back and before anything flows there, and
 * keeps count of what nobody has looked at yet.
 */
export function runDivergenceWatch(context: ActorContext): Promise<unknown> {
  const comparedEpochs = new Map<string, number>();
  return Promise.all([
    runLoop(
      context,
      "compare-returned-server",
      () => compareEverySeconds,
      async () => {
        if (await compareReturned(context, comparedEpochs)) await countDivergence(context);
      },
    ),
    runLoop(
      context,
      "count-divergence",
      () => countEverySeconds,
      () => countDivergence(context),
    ),
  ]);
}

/** True when a part was compared. What is in the way (a target that is not ready) is tried again at the next tick. */
async function compareReturned(context: ActorContext, comparedEpochs: Map<string, number>): Promise<boolean> {
  const { ports, situation, store, signal } = context;
  const role = decideDataRole(store.facts);
  if (role.role !== "source" || role.continuous || store.facts.operation || !isPeerConnected(context)) return false;
  // The other server must have become a target first: until then its data may still change.
  if (situation.peerStatus?.epoch !== role.epoch || situation.peerStatus.managedSystem.isServing) return false;
  let hasCompared = false;
  for (const part of ports.parts) {
    if (!part.compareReturned || comparedEpochs.get(part.name) === role.epoch) continue;
    if (!situation.rolesTaken.has(part.name)) continue;
    await part.compareReturned(signal);
    comparedEpochs.set(part.name, role.epoch);
    hasCompared = true;
    ports.log.info("returned-server-compared", { part: part.name, epoch: role.epoch });
  }
  return hasCompared;
}

async function countDivergence(context: ActorContext): Promise<void> {
  const open = (await readOwnDivergence(context, 0)).filter(({ isAcknowledged }) => !isAcknowledged);
  const { situation } = context;
  const before = situation.divergence.entries;
  const entries = open.reduce((sum, view) => sum + view.entries, 0);
  const sinceMs = entries === 0 ? 0 : Math.min(...open.map(({ atMs }) => atMs));
  situation.divergence = { entries, sinceMs };
  if (entries <= before) return;
  const what = open.map(({ kind, name, entries: count }) => `${kind} ${name}: ${String(count)}`).join(", ");
  await recordEvent(context, { name: "DivergenceFound", who: "sparesync", why: what });
}
