import { errorMessage } from "../shared/core/app-error.js";
import type { OperatorAct } from "../shared/core/event-record.js";
import type { Actor, OperationAnswer } from "./actor-api.js";
import type { ActorContext } from "./actor-context.js";
import { recordEvent } from "./record-event.js";

/** Puts what a person asked for into the history. Durable when it resolves; never rejects. */
export function recordAct(context: ActorContext, act: OperatorAct): Promise<void> {
  return recordEvent(context, { name: "OperatorActed", ...act });
}

/** What a person may ask of the actor and what therefore stands in the history. */
export type OperatorActs = Pick<
  Actor,
  | "requestOperation"
  | "abortOperation"
  | "retryOperation"
  | "approveFolder"
  | "analyseFolders"
  | "acknowledgeDivergence"
  | "beginDrill"
  | "testNameServer"
  | "createFirstRecord"
  | "adopt"
  | "sendTestMessage"
>;

/**
 * The same acts, each of which leaves in the history who asked and what came of it, also when it was refused. What
 * tells itself when it succeeds (an operation, a test message, an acknowledgement that found something) is told once.
 */
export function withHistory(context: ActorContext, acts: OperatorActs): OperatorActs {
  const tell = async <Answer>(
    act: Omit<OperatorAct, "result">,
    work: Promise<Answer>,
    resultOf: (answer: Answer) => string,
  ): Promise<Answer> => {
    try {
      const answer = await work;
      const result = resultOf(answer);
      if (result !== "") await recordAct(context, { ...act, result });
      return answer;
    } catch (error) {
      await recordAct(context, { ...act, result: `failed: ${errorMessage(error)}` });
      throw error;
    }
  };
  return {
    requestOperation: (request) => {
      if (request.isDryRun) return acts.requestOperation(request);
      const act = { who: request.requestedBy, why: `${request.kind}: ${request.reason}` };
      return tell(act, acts.requestOperation(request), refusalOf);
    },
    abortOperation: (subject, who) =>
      tell({ who, why: "abort the operation", subject }, acts.abortOperation(subject, who), resultOf),
    retryOperation: (subject, who) =>
      tell({ who, why: "try the step again", subject }, acts.retryOperation(subject, who), resultOf),
    approveFolder: (subject, who, shown) =>
      tell({ who, why: "approve the removals", subject }, acts.approveFolder(subject, who, shown), () => "approved"),
    analyseFolders: (request, who) => {
      const why = request.hasContent ? "compare folders by content" : "compare folders in full";
      const act = { who, why, ...(request.folder === undefined ? {} : { subject: request.folder }) };
      return tell(act, acts.analyseFolders(request, who), (folders) => `asked for: ${folders.join(", ")}`);
    },
    acknowledgeDivergence: (who) =>
      tell({ who, why: "acknowledge the divergence" }, acts.acknowledgeDivergence(who), ({ reports, files }) =>
        reports + files > 0 ? "" : "nothing was found",
      ),
    beginDrill: (who) => tell({ who, why: "drill" }, acts.beginDrill(who), ({ id }) => `begun: ${id}`),
    testNameServer: (who) =>
      tell({ who, why: "test the DNS updates" }, acts.testNameServer(who), (lines) => {
        const failed = lines.find(({ passed }) => !passed);
        return failed ? `failed: ${failed.what}: ${failed.because}` : "passed";
      }),
    createFirstRecord: (who) =>
      tell({ who, why: "create the first ownership record" }, acts.createFirstRecord(who), () => "created"),
    adopt: (who, reason) =>
      tell({ who, why: `adopt: ${reason}` }, acts.adopt(who, reason), (operation) =>
        operation ? `takeover ${operation.id}` : "adopted",
      ),
    sendTestMessage: (code, who) =>
      tell({ who, why: `test message ${code}` }, acts.sendTestMessage(code, who), () => ""),
  };
}

function resultOf(answer: OperationAnswer): string {
  return answer.kind === "refused" ? refusalOf(answer) : answer.kind;
}

function refusalOf(answer: OperationAnswer): string {
  return answer.kind === "refused" ? `refused: ${answer.because}` : "";
}
