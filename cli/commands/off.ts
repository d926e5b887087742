import type { Command } from "commander";
import { addAdminOptions, type AdminFlags } from "../admin-client.js";
import type { CommandContext } from "../command.js";
import { setEnabled } from "../set-enabled.js";

/** `sparesync off`: no synchronisation and no automatic switching until `on`. The application goes on. */
export function addOff(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("off")
    .description("turn synchronisation and automatic switching off")
    .requiredOption("--reason <text>", "why; shown as long as it is off");
  addAdminOptions(command).action(async (flags: AdminFlags & { readonly reason: string }) => {
    await answer(await setEnabled(false, flags, io));
  });
}
