import type { Command } from "commander";
import { z } from "zod";
import { divergenceView } from "../../actor/core/divergence.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes, UsageError } from "../cli-io.js";
import type { CommandContext } from "../command.js";
import { formatDivergence } from "../divergence-text.js";

const listAnswer = z.object({ reports: z.array(divergenceView), peerBecause: z.string() });
const acknowledgeAnswer = z.object({ reports: z.number(), files: z.number() });
const mostExamples = 200;

interface ShowFlags extends AdminFlags {
  readonly examples: string;
}

/** `sparesync divergence`: what the lost server had and the other never got, and that somebody has looked at it. */
export function addDivergence(program: Command, { io, answer }: CommandContext): void {
  const divergence = program
    .command("divergence")
    .description("what a lost server had that the other never got, and what a reverse synchronisation keeps aside");
  const show = divergence
    .command("show", { isDefault: true })
    .description("the reports of both servers")
    .option("--examples <count>", `of each report the first so many entries, 0 to ${String(mostExamples)}`, "20");
  addAdminOptions(show).action(async (flags: ShowFlags) => {
    if (!/^\d{1,3}$/.test(flags.examples) || Number(flags.examples) > mostExamples) {
      throw new UsageError(`--examples ${flags.examples}: expected a number from 0 to ${String(mostExamples)}`);
    }
    const client = await openAdminClient(flags, io);
    const found = understand(listAnswer, await client.get(`/v1/divergence?examples=${flags.examples}`), client);
    await answer({ text: formatDivergence(found), json: { ok: true, ...toJson(found) }, exitCode: exitCodes.fine });
  });
  const acknowledge = divergence
    .command("acknowledge")
    .description(
      "say that a person has looked: what was kept aside goes with the usual purge; counts for both servers",
    );
  addAdminOptions(acknowledge).action(async (flags: AdminFlags) => {
    const client = await openAdminClient(flags, io);
    const done = understand(acknowledgeAnswer, await client.post("/v1/divergence/acknowledge", {}), client);
    const text =
      done.reports + done.files === 0
        ? "nothing waited for that"
        : `acknowledged: ${String(done.reports)} reports, which stay; ${String(done.files)} files kept aside, which the purge removes in its time`;
    await answer({ text, json: { ok: true, ...toJson(done) }, exitCode: exitCodes.fine });
  });
}
