import { Option, type Command } from "commander";
import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import { addAdminOptions } from "../admin-client.js";
import { addOperationOptions, addWaitOptions, askForOperation, type OperationFlags } from "../ask-for-operation.js";
import type { CommandContext } from "../command.js";

/** `sparesync switch --to SERVER`: the planned switchover, or the failback. Loses nothing; both servers must be alive. */
export function addSwitch(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("switch")
    .description("switch to the other server as planned, losing nothing")
    .addOption(new Option("--to <server>", "the server that is to serve").choices(serverNames).makeOptionMandatory());
  addAdminOptions(addWaitOptions(addOperationOptions(command))).action(
    async (flags: OperationFlags & { readonly to: ServerName }) => {
      await answer(await askForOperation(`switch-to-${flags.to}`, flags, io));
    },
  );
}
