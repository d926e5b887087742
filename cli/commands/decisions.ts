import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { decisionRecord, replayDecision, type DecisionRecord } from "../../actor/core/decision-record.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import { jsonOption, type CommandContext } from "../command.js";
import { formatDecision, formatDecisions } from "../decision-text.js";

const listAnswer = z.object({ decisions: z.array(decisionRecord) });

/** `sparesync decisions`: why it did, or did not, fail over; and the same decision made again from what was recorded. */
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
  decisions
    .command("replay <file>")
    .description("decide again, here and now, on a decision that `show --json` has printed; asks nobody")
    .option(...jsonOption)
    .action(async (file: string) => {
      const record = await readRecord(file);
      const { decision, isSame } = replayDecision(record);
      const verdict = isSame
        ? "the same as was decided then"
        : `not the same as was decided then: ${record.decision} (${record.because})`;
      await answer({
        text: `${formatDecision({ ...record, ...decision, criteria: [...decision.criteria] })}\n${verdict}`,
        json: { ok: isSame, isSame, decision: toJson(decision), decidedThen: record.decision },
        exitCode: isSame ? exitCodes.fine : exitCodes.problem,
      });
    });
}

async function readDecisions(client: AdminClient): Promise<readonly DecisionRecord[]> {
  return understand(listAnswer, await client.get("/v1/decisions"), client).decisions;
}

async function readRecord(file: string): Promise<DecisionRecord> {
  const printed = z.union([
    z.object({ decision: decisionRecord }).transform(({ decision }) => decision),
    decisionRecord,
  ]);
  try {
    // With --json the object is the last line of what a command prints.
    const lastLine = (await readFile(file, "utf8")).trimEnd().split("\n").at(-1) ?? "";
    return printed.parse(JSON.parse(lastLine));
  } catch (error) {
    throw new AppError("REQUEST_INVALID", `${file} holds no decision: ${errorMessage(error)}`, {
      hint: "Write one with: sparesync decisions show ID --json > FILE",
    });
  }
}
