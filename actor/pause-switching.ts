import type { Actor } from "./actor-api.js";
import type { ActorContext } from "./actor-context.js";
import { pauseAt } from "./core/pause.js";
import { sendHeartbeat } from "./watch/peer-watch.js";

/** What an operator may ask about pauses. */
export function createPauses(context: ActorContext): Pick<Actor, "pause" | "resume"> {
  return {
    pause: (requestedBy, reason, forSeconds) => pauseSwitching(context, { requestedBy, reason, forSeconds }),
    resume: (requestedBy) => resumeSwitching(context, requestedBy),
  };
}

/** Pauses automatic switching of the pair, in place of the pause there is. The peer hears of it at once if it can. */
async function pauseSwitching(
  context: ActorContext,
  request: { readonly requestedBy: string; readonly reason: string; readonly forSeconds: number },
): Promise<void> {
  const { store, ports } = context;
  const nowMs = ports.clock.wallMs();
  const { requestedBy: setBy, reason, forSeconds } = request;
  const pause = { untilMs: nowMs + forSeconds * 1000, setAtMs: nowMs, setBy, reason };
  await store.change((facts) => ({ ...facts, pause: { sequence: facts.pause.sequence + 1, pause, endedBy: "" } }));
  ports.log.info("paused", { setBy, reason, forSeconds });
  await sendHeartbeat(context);
}

/** Ends the pause before its time; false when there is none. */
async function resumeSwitching(context: ActorContext, requestedBy: string): Promise<boolean> {
  const { store, ports } = context;
  if (!pauseAt(store.facts.pause, ports.clock.wallMs())) return false;
  await store.change((facts) => ({
    ...facts,
    pause: { sequence: facts.pause.sequence + 1, pause: null, endedBy: requestedBy },
  }));
  ports.log.info("resumed", { requestedBy });
  await sendHeartbeat(context);
  return true;
}
