import type { OperationView, StepView } from "../../shared/core/status.js";
import { isPlanned, stepNames, type StepName } from "./switchover-plan.js";

/** What an administrator does at a step's place when the program cannot: to finish it, or to take it back. */
interface ByHand {
  /** Empty: there is nothing to do. */
  readonly finish: string;
  readonly undo: string;
}

const nothing = { finish: "", undo: "" };
const isOwner = "look at the ownership record first: dig @UPDATE-SERVER TXT _sparesync.NAME";

/** One entry for each step; `{server}` is the server on which the step runs, `{from}` and `{to}` those of the operation. */
export const stepsByHand: Readonly<Record<StepName, ByHand>> = {
  "check-readiness": nothing,
  "run-before-hooks": {
    finish: "",
    undo: "take back by hand what the hooks before the operation had prepared, on both servers in a planned one",
  },
  "check-target-stopped": { finish: "stop the application on the {to}", undo: "" },
  "back-up-target-database": { finish: "back up the database of the {to}", undo: "" },
  "synchronise-ahead": nothing,
  "stop-managed-system": {
    finish: "stop the application on the {from}",
    undo: `start the application on the {from}, but only if it still owns the name (${isOwner})`,
  },
  "close-source-database": {
    finish: "end all sessions of the application on the database of the {from}",
    undo: "let the application write to the database of the {from} again: restart the actor there, which opens it",
  },
  drain: { finish: "wait until sparesync status on the {from} shows no change that is left", undo: "" },
  "hand-over": nothing,
  "stop-confirming": nothing,
  "claim-ownership": {
    finish: `find out who owns the name (${isOwner}); the {to} goes on by itself when it is the owner`,
    undo: "",
  },
  "await-peer-stopped": {
    finish:
      "stop the application on the {from}, or switch that machine off, then start its actor: it tells that it has stopped",
    undo: "",
  },
  "raise-data-epoch": { finish: "run it again on the {to}: sparesync operations retry ID", undo: "" },
  "promote-target": {
    finish:
      "look at the reason, mend the folder or database on the {to}, then: sparesync operations retry ID; or give the name back: sparesync switch --to {from}",
    undo: "",
  },
  "start-managed-system": {
    finish: "mend the application on the {to} so that it starts, then: sparesync operations retry ID",
    undo: "",
  },
  "check-test-page": {
    finish: "mend the application on the {to} until its test page answers, then: sparesync operations retry ID",
    undo: "",
  },
  "publish-addresses": {
    finish: "give the name the addresses of the {to} at the update server (nsupdate)",
    undo: "give the name the addresses of the {from} again, if it owns the name",
  },
  "verify-addresses": {
    finish: "see to it that every authoritative server transfers the zone (rndc retransfer ZONE on the late ones)",
    undo: "",
  },
  "run-after-hooks": {
    finish: "run by hand what the hooks after the operation do, on both servers after a planned one",
    undo: "",
  },
};

export interface OperationReport {
  readonly done: readonly string[];
  readonly notDone: readonly string[];
  /** What is left for a person, in the order in which it is to be done. Empty: nothing. */
  readonly byHand: readonly string[];
}

/** What was done, what was not, and what an administrator may have to do by hand. Of a running operation too. */
export function reportOperation(operation: OperationView): OperationReport {
  const line = ({ runsOn, title, because }: StepView): string =>
    `${runsOn}: ${title}${because === "" ? "" : ` — ${because}`}`;
  const isDone = ({ state }: StepView): boolean => state === "done" || state === "skipped";
  return {
    done: operation.steps.filter(isDone).map(line),
    notDone: operation.steps.filter((step) => !isDone(step)).map((step) => `${line(step)} (${step.state})`),
    byHand: operation.state === "asks-a-person" ? stepsLeft(operation) : undoLeft(operation),
  };
}

/** A takeover that got stuck owns the name: the rest is to be finished. A stuck undoing: the rest is to be undone. */
function stepsLeft(operation: OperationView): string[] {
  const hasClaimed = operation.steps.some((step) => step.name === "claim-ownership" && step.state === "done");
  if (!hasClaimed && isPlanned(operation.kind)) return undoLeft({ ...operation, state: "undone" });
  return operation.steps
    .filter((step) => step.runsOn === operation.to && step.state !== "done" && step.state !== "skipped")
    .flatMap((step) => words(operation, step.name, "finish"));
}

/** Of an operation that was undone: what had been done, or begun, and is not marked as undone. */
function undoLeft(operation: OperationView): string[] {
  if (operation.state !== "undone") return [];
  const hasClaimed = operation.steps.some((step) => step.name === "claim-ownership" && step.state === "done");
  if (hasClaimed) return [];
  return operation.steps
    .filter(({ state }) => state === "done" || state === "failed" || state === "running")
    .toReversed()
    .flatMap((step) => words(operation, step.name, "undo"));
}

function words({ id, from, to }: OperationView, name: string, what: keyof ByHand): string[] {
  const step = stepNames.find((one) => one === name);
  const text = step === undefined ? "" : stepsByHand[step][what];
  if (text === "") return [];
  return [text.replaceAll("{from}", from).replaceAll("{to}", to).replaceAll(" ID", ` ${id}`)];
}
