import { z } from "zod";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { otherServer } from "../../shared/core/server-name.js";
import { operationKinds } from "../../shared/core/status.js";
import type { ActorContext } from "../actor-context.js";
import { peerCommandReply } from "./peer-command.js";
import type { HookOccasion } from "./run-hooks.js";

/** The other server is to run its hooks; the same again asks how far it is. `epoch`: of the record as the asker knows it. */
export const hookFields = z.object({
  operationId: z.string(),
  kind: z.enum(operationKinds),
  requestedBy: z.string(),
  reason: z.string(),
  when: z.enum(["before", "after"]),
  result: z.enum(["running", "done", "undone"]),
  epoch: z.int(),
});

const answerLimitSeconds = 5;
/** Between two questions how far it is. */
const pollMs = 1000;
/** A server that starts again meanwhile is waited for before the operation; afterwards nothing depends on it. */
const silenceSeconds = { before: 30, after: 10 } as const;

/**
 * Has the other server run its hooks and waits for their end; returns what they said. A veto, or no answer, before an
 * operation throws STEP_FAILED; after it both are only part of what is returned.
 */
export async function askPeerHooks(
  context: ActorContext,
  occasion: HookOccasion,
  signal: AbortSignal,
): Promise<string> {
  const peer = otherServer(context.server);
  try {
    const said = await waitForPeer(context, occasion, signal);
    return said === "" ? "" : `on the ${peer}: ${said}`;
  } catch (error) {
    if (signal.aborted) throw error;
    const because = `on the ${peer}: ${errorMessage(error)}`;
    if (occasion.when === "before") throw new AppError("STEP_FAILED", because, { cause: error });
    context.ports.log.warn("peer-hooks-not-run", { operation: occasion.operation.id, because });
    return because;
  }
}

async function waitForPeer(
  { ports, store }: ActorContext,
  { when, result, operation }: HookOccasion,
  signal: AbortSignal,
): Promise<string> {
  const { id: operationId, kind, requestedBy, reason } = operation;
  const epoch = store.facts.record?.epoch ?? 0;
  const fields = { operationId, kind, requestedBy, reason, when, result, epoch };
  let heardAtMs = ports.clock.monotonicMs();
  for (;;) {
    try {
      const reply = await ports.link.ask("operations/hooks", { fields }, { limitSeconds: answerLimitSeconds, signal });
      const answer = peerCommandReply.parse(reply.fields);
      if (answer.isDone) return answer.because;
      if (answer.isRunning !== true) throw new AppError("STEP_FAILED", answer.because);
      heardAtMs = ports.clock.monotonicMs();
    } catch (error) {
      const isSilent = ["PEER_UNREACHABLE", "DEADLINE_EXCEEDED"].includes(errorCode(error) ?? "");
      const silentMs = ports.clock.monotonicMs() - heardAtMs;
      if (signal.aborted || !isSilent) throw error;
      if (silentMs > silenceSeconds[when] * 1000) {
        throw new AppError("STEP_FAILED", `its hooks were not run to their end: ${errorMessage(error)}`);
      }
    }
    await ports.clock.sleep(pollMs, signal);
  }
}
