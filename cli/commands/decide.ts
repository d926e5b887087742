import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { decisionRecord, replayDecision, type DecisionRecord } from "../../actor/core/decision-record.js";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { toJson } from "../admin-answers.js";
import { exitCodes } from "../cli-io.js";
import { jsonOption, type CommandContext } from "../command.js";
import { formatDecision } from "../decision-text.js";

/** `sparesync decide --replay FILE`: the decision of then, made again from what was recorded. Asks nobody, acts on nothing. */
export function addDecide(program: Command, { answer }: CommandContext): void {
  program
    .command("decide")
    .description("decide again, here and now, on a decision that `decisions show ID --json` has printed; asks nobody")
    .requiredOption("--replay <file>", "file with that decision")
    .option(...jsonOption)
    .action(async ({ replay }: { readonly replay: string }) => {
      const record = await readRecord(replay);
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
