import { toJson } from "./admin-answers.js";
import { openAdminClient, type AdminFlags } from "./admin-client.js";
import { exitCodes, type CliIo, type CommandResult } from "./cli-io.js";

/** Turns synchronisation and automatic switching of the pair on or off. */
export async function setEnabled(
  enabled: boolean,
  flags: AdminFlags & { readonly reason: string },
  io: CliIo,
): Promise<CommandResult> {
  const client = await openAdminClient(flags, io);
  const answer = await client.post("/v1/enabled", { enabled, reason: flags.reason });
  const text = `synchronisation and automatic switching are turned ${enabled ? "on" : "off"}`;
  return { text, json: { ok: true, enabled, answer: toJson(answer) }, exitCode: exitCodes.fine };
}
