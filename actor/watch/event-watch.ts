import type { ActorContext } from "../actor-context.js";
import { withHistoryUpTo } from "../core/kept-events.js";
import { runLoop } from "./loop.js";

/** An event is durable before it comes to the history's file; this only says how soon people find it there. */
const writeSeconds = 1;

/** Writes the kept events into the history's file. */
export async function runEventWatch(context: ActorContext): Promise<void> {
  await runLoop(
    context,
    "event-log",
    () => writeSeconds,
    () => writeEvents(context),
  );
}

/** Adds what is not in the file yet; after a kill in between nothing is missing and nothing there twice. */
export async function writeEvents({ ports, situation, store }: ActorContext): Promise<void> {
  if (situation.eventsWritten === undefined) {
    const written = await ports.history.lastSequence();
    await store.change((facts) => withHistoryUpTo(facts, written));
    situation.eventsWritten = written;
  }
  const { eventsWritten } = situation;
  const waiting = store.facts.events.filter(({ sequence }) => sequence > eventsWritten);
  const [first] = waiting;
  if (!first) return;
  const lost = first.sequence - eventsWritten - 1;
  if (lost > 0) ports.log.error("events-lost", { count: lost, because: "the history could not be written for long" });
  await ports.history.append(waiting);
  situation.eventsWritten = waiting.at(-1)?.sequence ?? eventsWritten;
}
