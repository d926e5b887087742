import { AppError } from "../../../shared/core/app-error.js";
import { longestPauseSeconds } from "../../../shared/core/longest-pause.js";
import { messageCodes } from "../../../shared/core/message-catalogue.js";
import type { PageName } from "../../../shared/core/page-catalogue.js";
import type { OperationKind } from "../../../shared/core/status.js";
import type { Actor, OperationAnswer } from "../../actor-api.js";

/** What came of it: an operation to follow, or a sentence. */
export type CarriedOut = { readonly operationId: string } | { readonly text: string };

export type Form = Readonly<Record<string, string>>;

const kinds: Partial<Readonly<Record<PageName, OperationKind>>> = {
  "switch-to-secondary": "switch-to-secondary",
  "switch-to-primary": "switch-to-primary",
  failover: "failover",
  "force-to-secondary": "force-to-secondary",
  "force-to-primary": "force-to-primary",
};

/** The plan of an operation with what stands in its way; undefined where there is nothing to plan. */
export async function planPage(actor: Actor, name: PageName, by: string): Promise<OperationAnswer | undefined> {
  const kind = kinds[name];
  if (!kind) return undefined;
  return await actor.requestOperation({
    kind,
    requestedBy: by,
    reason: "a look at the operation page",
    isDryRun: true,
  });
}

/** Does what a page was confirmed for. Rejects with REQUEST_INVALID, OPERATION_REFUSED or what the actor says. */
export async function carryOut(actor: Actor, name: PageName, form: Form, by: string): Promise<CarriedOut> {
  switch (name) {
    case "switch-to-secondary":
    case "switch-to-primary":
    case "failover":
      return follow(
        await actor.requestOperation({ kind: name, requestedBy: by, reason: readReason(form), isDryRun: false }),
      );
    case "force-to-secondary":
    case "force-to-primary":
      return follow(
        await actor.requestOperation({
          ...{ kind: name, requestedBy: by, reason: readReason(form), isDryRun: false },
          isPeerOff: form["peerIsOff"] === "yes",
        }),
      );
    case "abort":
      return follow(await actor.abortOperation(readOperation(form), by));
    case "pause":
      await actor.pause(by, readReason(form), readSeconds(form));
      return { text: "Automatic switching is paused." };
    case "resume":
      return { text: (await actor.resume(by)) ? "The pause is over." : "There was no pause." };
    case "mark-checked":
    case "acknowledge":
      await actor.markChecked(by);
      return {
        text: actor.status().peer.isConnected
          ? "Done, on both servers."
          : "Done on this server; the other one is not connected.",
      };
    case "turn-on":
    case "turn-off":
      await actor.setEnabled(name === "turn-on", by, readReason(form));
      return { text: name === "turn-on" ? "SpareSync is turned on." : "SpareSync is turned off." };
    case "test-message":
      await actor.sendTestMessage(readCode(form), by);
      return { text: "The mail server has taken the test message; look whether it arrives." };
    case "test-dns-record":
      return { text: describeTest(await actor.testNameServer(by)) };
    case "drill":
      await actor.beginDrill(by);
      return { text: "The drill has begun; its result stands in sparesync drill list and in the metrics." };
  }
}

function describeTest(lines: Awaited<ReturnType<Actor["testNameServer"]>>): string {
  const failed = lines.find(({ passed }) => !passed);
  if (failed) return `The test has failed: ${failed.what}: ${failed.because}.`;
  return `The test has passed: ${lines.map(({ what }) => what).join(", ")}.`;
}

function follow(answer: OperationAnswer): CarriedOut {
  switch (answer.kind) {
    case "accepted":
    case "running":
    case "planned":
      return { operationId: answer.operation.id };
    case "refused":
      throw new AppError("OPERATION_REFUSED", answer.because, answer.hint === "" ? {} : { hint: answer.hint });
  }
}

function readReason(form: Form): string {
  const reason = (form["reason"] ?? "").trim();
  if (reason !== "" && reason.length <= 500) return reason;
  throw new AppError("REQUEST_INVALID", "a reason of at most 500 characters is needed");
}

function readOperation(form: Form): string {
  const id = form["operation"] ?? "";
  if (id !== "" && id.length <= 100) return id;
  throw new AppError("REQUEST_INVALID", "operation: no operation runs that could be aborted");
}

function readSeconds(form: Form): number {
  const seconds = Math.round(Number(form["hours"]) * 3600);
  if (seconds >= 1 && seconds <= longestPauseSeconds) return seconds;
  throw new AppError("REQUEST_INVALID", `hours: more than 0, at most ${longestPauseSeconds / 3600}`);
}

function readCode(form: Form): (typeof messageCodes)[number] {
  const code = messageCodes.find((known) => known === form["code"]);
  if (code !== undefined) return code;
  throw new AppError("REQUEST_INVALID", "code: not one of the message catalogue");
}
