import { Option, type Command } from "commander";
import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import { addAdminOptions } from "../admin-client.js";
import { addOperationOptions, addWaitOptions, askForOperation, type OperationFlags } from "../ask-for-operation.js";
import { UsageError } from "../cli-io.js";
import type { CommandContext } from "../command.js";

interface ForceFlags extends OperationFlags {
  readonly to: ServerName;
  readonly allowDataLoss?: boolean;
  readonly peerIsOff?: boolean;
}

/** `sparesync force`: one server takes over with what it has, when neither a switch nor a failover is possible. */
export function addForce(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("force")
    .description("take over by force with the data that server has; what was not copied yet is lost")
    .addOption(new Option("--to <server>", "the server that is to serve").choices(serverNames).makeOptionMandatory())
    .option("--allow-data-loss", "say that what was not copied yet may be lost; without it nothing is forced")
    .option(
      "--peer-is-off",
      "say that the application on the other server is stopped and stays so; needed, and believed, only where that server does not fence itself",
    );
  addAdminOptions(addWaitOptions(addOperationOptions(command))).action(async (flags: ForceFlags) => {
    if (flags.allowDataLoss !== true) {
      throw new UsageError("--allow-data-loss is needed: what was not copied yet is lost. Look first: --dry-run");
    }
    const more = { allowDataLoss: true, ...(flags.peerIsOff === true ? { peerIsOff: true } : {}) };
    await answer(await askForOperation(`force-to-${flags.to}`, flags, io, more));
  });
}
