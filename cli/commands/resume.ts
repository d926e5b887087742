import type { Command } from "commander";
import { z } from "zod";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";

const resumeAnswer = z.object({ changed: z.boolean(), isPeerConnected: z.boolean() });

/** `sparesync resume`: ends a pause before its time. */
export function addResume(program: Command, { io, answer }: CommandContext): void {
  const command = program.command("resume").description("end a pause of automatic switching before its time");
  addAdminOptions(command).action(async (flags: AdminFlags) => {
    const client = await openAdminClient(flags, io);
    const resumed = understand(resumeAnswer, await client.post("/v1/resume", {}), client);
    await answer({ text: describe(resumed), json: { ok: true, answer: toJson(resumed) }, exitCode: exitCodes.fine });
  });
}

function describe({ changed, isPeerConnected }: z.output<typeof resumeAnswer>): string {
  if (!changed) return "automatic switching is not paused; nothing has changed";
  if (isPeerConnected) return "automatic switching is no longer paused, on both servers";
  return "automatic switching is no longer paused on this server; the other one is not connected and learns it when it is again";
}
