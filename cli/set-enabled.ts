import { z } from "zod";
import { toJson, understand } from "./admin-answers.js";
import { openAdminClient, type AdminFlags } from "./admin-client.js";
import { exitCodes, type CliIo, type CommandResult } from "./cli-io.js";

const enabledAnswer = z.object({ enabled: z.boolean(), changed: z.boolean(), isPeerConnected: z.boolean() });

/** Turns synchronisation and automatic switching of the pair on or off. */
export async function setEnabled(
  enabled: boolean,
  flags: AdminFlags & { readonly reason: string },
  io: CliIo,
): Promise<CommandResult> {
  const client = await openAdminClient(flags, io);
  const answer = understand(enabledAnswer, await client.post("/v1/enabled", { enabled, reason: flags.reason }), client);
  return {
    text: describe(answer),
    json: { ok: true, enabled, changed: answer.changed, answer: toJson(answer) },
    exitCode: exitCodes.fine,
  };
}

function describe({ enabled, changed, isPeerConnected }: z.output<typeof enabledAnswer>): string {
  const what = `synchronisation and automatic switching`;
  const how = enabled ? "on" : "off";
  if (!changed) return `${what} were turned ${how} already; nothing has changed, and the reason given now is not kept`;
  if (isPeerConnected) return `${what} are turned ${how} on both servers`;
  return `${what} are turned ${how} on this server; the other one is not connected and learns it when it is again`;
}
