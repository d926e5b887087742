import type { Command } from "commander";
import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import { decisionRecord, type DecisionRecord } from "../../actor/core/decision-record.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";
import { formatDecision, formatDecisions } from "../decision-text.js";

const listAnswer = z.object({ decisions: z.array(decisionRecord) });

/** `sparesync decisions`: why it did, or did not, fail over. */
export function addDecisions(program: Command, { io, answer }: CommandContext): void {
  const decisions = program.command("decisions").description("show why a failover was decided or not");
  const list = decisions.command("list", { isDefault: true }).description("changes of the decision, newest first");
  addAdminOptions(list).action(async (flags: AdminFlags) => {
    const all = await readDecisions(await openAdminClient(flags, io));
    const json = { ok: true, decisions: all.map(toJson) };
    await answer({ text: formatDecisions(all), json, exitCode: exitCodes.fine });
  });
  const show = decisions.command("show <id>").description("one decision with every criterion");
  addAdminOptions(show).action(async (id: string, flags: AdminFlags) => {
    const found = (await readDecisions(await openAdminClient(flags, io))).find((one) => one.id === id);
    if (!found) throw new AppError("NOT_FOUND", `there is no decision ${id} among the last ones`);
    await answer({
      text: formatDecision(found),
      json: { ok: true, decision: toJson(found) },
      exitCode: exitCodes.fine,
    });
  });
}

async function readDecisions(client: AdminClient): Promise<readonly DecisionRecord[]> {
  return understand(listAnswer, await client.get("/v1/decisions"), client).decisions;
}
