import type { Command } from "commander";
import { addAdminOptions } from "../admin-client.js";
import { addOperationOptions, addWaitOptions, askForOperation, type OperationFlags } from "../ask-for-operation.js";
import type { CommandContext } from "../command.js";

/** `sparesync failover`: asks the spare to take over from an active server that is lost. */
export function addFailover(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("failover")
    .description("take over from an active server that is lost; what was not yet copied is lost");
  addAdminOptions(addWaitOptions(addOperationOptions(command))).action(async (flags: OperationFlags) => {
    await answer(await askForOperation("failover", flags, io));
  });
}
