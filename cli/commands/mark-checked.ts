import type { Command } from "commander";
import { z } from "zod";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";

const markAnswer = z.object({ isPeerConnected: z.boolean() });

/** `sparesync mark-checked`: a person has looked; ended configuration errors and the block after a failover go. */
export function addMarkChecked(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("mark-checked")
    .description(
      "say that a person has checked the pair after an error or an automatic failover; counts for both servers",
    );
  addAdminOptions(command).action(async (flags: AdminFlags) => {
    const client = await openAdminClient(flags, io);
    const marked = understand(markAnswer, await client.post("/v1/mark-checked", {}), client);
    const text = marked.isPeerConnected
      ? "the pair is marked as checked, on both servers; what is still wrong is found again at the next look"
      : "marked as checked on this server only: the other one is not connected; run it again when it is";
    await answer({ text, json: { ok: true, answer: toJson(marked) }, exitCode: exitCodes.fine });
  });
}
