import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { StepContext } from "./step.js";

/** What the coordinator may have the peer do; each is harmless on a server that must not serve. */
export const peerCommands = ["is-stopped", "stop-managed-system", "back-up-database", "is-ready"] as const;
export type PeerCommand = (typeof peerCommands)[number];

export const peerCommandFields = z.object({
  command: z.enum(peerCommands),
  operationId: z.string(),
  epoch: z.number(),
});

/** `isRunning`: begun and not over yet; the command is to be sent again to hear how it ended. */
export const peerCommandReply = z.object({
  isDone: z.boolean(),
  isRunning: z.boolean().optional(),
  because: z.string(),
});

/** Has the peer do something for the running operation; throws AppError STEP_FAILED with the peer's reason. */
export async function commandPeer(step: StepContext, command: PeerCommand, limitSeconds: number): Promise<string> {
  const { context, operation, signal } = step;
  const fields: JsonObject = { command, operationId: operation.id, epoch: operation.previous.epoch };
  for (;;) {
    const reply = await context.ports.link.ask("operations/command", { fields }, { limitSeconds, signal });
    const answer = peerCommandReply.parse(reply.fields);
    if (answer.isDone) return answer.because;
    if (answer.isRunning !== true) throw new AppError("STEP_FAILED", `the ${peerOf(step)} answers: ${answer.because}`);
    await context.ports.clock.sleep(pollMs, signal);
  }
}

/** Between two questions whether a long command is over; short answers notice at once that the peer is gone. */
const pollMs = 1000;

function peerOf(step: StepContext): string {
  return step.context.server === "primary" ? "secondary" : "primary";
}
