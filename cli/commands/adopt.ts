import type { Command } from "commander";
import { z } from "zod";
import { operationView } from "../../shared/core/status.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";

interface AdoptFlags extends AdminFlags {
  readonly reason: string;
}

const adoption = z.object({ operation: operationView.optional() });

/** `sparesync adopt`: a person vouches for this server's data where its own memory of the ownership is gone. */
export function addAdopt(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("adopt")
    .description("serve with the data of this server, which owns the name but has lost its state directory")
    .requiredOption("--reason <text>", "why the data here are the ones to serve; kept in the log");
  addAdminOptions(command).action(async (flags: AdoptFlags) => {
    const client = await openAdminClient(flags, io);
    const reply = understand(adoption, await client.post("/v1/adopt", { reason: flags.reason }), client);
    const text = reply.operation
      ? `the takeover has begun; follow it with: sparesync operations show ${reply.operation.id}`
      : "adopted: the application serves here already, and the data here are the ones that count";
    await answer({ text, json: { ok: true, answer: toJson(reply) }, exitCode: exitCodes.fine });
  });
}
