import type { Command } from "commander";
import { toJson } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";

/** `sparesync first-record`: creates the very first ownership record; from then on this server is the active one. */
export function addFirstRecord(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("first-record")
    .description("once per pair: record that this server owns the name (refused when there is a record)");
  addAdminOptions(command).action(async (flags: AdminFlags) => {
    const client = await openAdminClient(flags, io);
    const json = { ok: true, answer: toJson(await client.post("/v1/first-record", {})) };
    await answer({
      text: "the first ownership record is written; this server is active",
      json,
      exitCode: exitCodes.fine,
    });
  });
}
