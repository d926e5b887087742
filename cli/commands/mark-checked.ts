import type { Command } from "commander";
import { toJson } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";

/** `sparesync mark-checked`: a person has looked; ended configuration errors and the block after a failover go. */
export function addMarkChecked(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("mark-checked")
    .description("say that a person has checked the pair after an error or an automatic failover");
  addAdminOptions(command).action(async (flags: AdminFlags) => {
    const client = await openAdminClient(flags, io);
    const json = { ok: true, answer: toJson(await client.post("/v1/mark-checked", {})) };
    answer({ text: "marked as checked", json, exitCode: exitCodes.fine });
  });
}
