import { AppError } from "../../../shared/core/app-error.js";
import { isPeerConnected, type ActorContext } from "../../actor-context.js";
import { judgeRecord } from "../../core/ownership.js";
import { isReadyToServe } from "../../core/readiness.js";
import { withDeadline } from "../../../shared/deadline.js";
import { commandPeer } from "../peer-command.js";
import { defineStep, holds } from "../step.js";

/** Makes sure that a switchover can succeed before anything is stopped. It changes nothing. */
export const checkReadiness = defineStep({
  name: "check-readiness",
  title: "Check that both servers are ready for the switchover",
  limitSeconds: () => 30,
  patienceSeconds: 15,
  do: async (step) => {
    const obstacles = await findObstacles(step.context, step.signal);
    if (obstacles.length > 0) throw new AppError("STEP_FAILED", obstacles.join("; "));
    await commandPeer(step, "is-ready", 20);
  },
  verify: () => Promise.resolve(holds),
  undo: { kind: "nothing-to-undo" },
});

/** Everything seen from the active server that speaks against a planned switchover now, one sentence each. */
export async function findObstacles(context: ActorContext, signal: AbortSignal): Promise<string[]> {
  const { ports, settings, store, server } = context;
  const obstacles: string[] = [];
  const { facts } = store;
  if (!isPeerConnected(context)) obstacles.push("the other server is not connected");
  if (!facts.isEnabled) obstacles.push("SpareSync is turned off; turn it on first");
  for (const error of facts.configurationErrors)
    obstacles.push(`configuration error ${error.reason}: ${error.because}`);
  // What is not ready has nothing of its own to bring over.
  const items = isReadyToServe(facts) ? ports.parts.flatMap((part) => part.status()) : [];
  for (const item of items) {
    if (item.health === "fatal") obstacles.push(`${item.kind} ${item.name}: ${item.because}`);
    if (server === "primary" && !item.isComplete) obstacles.push(`${item.kind} ${item.name} is not a whole copy yet`);
  }
  try {
    const read = await withDeadline(
      ports.clock,
      { what: "reading the ownership record", limitSeconds: settings.dns.limitSeconds, signal },
      (limited) => ports.nameServer.readRecord(limited),
    );
    const judgement = judgeRecord(read, facts.record, server);
    if (judgement.kind !== "own") obstacles.push("the update server does not confirm that this server owns the name");
  } catch {
    obstacles.push("the update server does not answer");
  }
  return obstacles;
}
