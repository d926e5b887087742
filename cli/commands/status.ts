import type { Command } from "commander";
import { actorStatus } from "../../shared/core/status.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";
import { formatStatus } from "../status-text.js";

/** `sparesync status`: what this server's actor knows of itself and of its peer. */
export function addStatus(program: Command, { io, answer }: CommandContext): void {
  addAdminOptions(program.command("status").description("show the state of the pair")).action(
    async (flags: AdminFlags) => {
      const client = await openAdminClient(flags, io);
      const status = understand(actorStatus, await client.get("/v1/status"), client);
      await answer({
        text: formatStatus(status),
        json: { ok: true, status: toJson(status) },
        exitCode: exitCodes.fine,
      });
    },
  );
}
