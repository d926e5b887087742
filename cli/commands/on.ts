import type { Command } from "commander";
import { addAdminOptions, type AdminFlags } from "../admin-client.js";
import type { CommandContext } from "../command.js";
import { setEnabled } from "../set-enabled.js";

/** `sparesync on`: synchronisation and automatic switching go on. */
export function addOn(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("on")
    .description("turn synchronisation and automatic switching on")
    .option("--reason <text>", "why", "turned on by an operator");
  addAdminOptions(command).action(async (flags: AdminFlags & { readonly reason: string }) => {
    await answer(await setEnabled(true, flags, io));
  });
}
