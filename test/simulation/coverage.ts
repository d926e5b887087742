import { failoverCriteria } from "../../actor/core/failover-criteria.js";
import { stepNames } from "../../actor/core/switchover-plan.js";
import type { JsonObject } from "../../shared/core/json.js";
import { stateNames } from "../../shared/core/states.js";

/** What runs have exercised, as words such as `claim-ownership done`; compared with all that can be. */
export interface Coverage {
  readonly transitions: ReadonlySet<string>;
  readonly steps: ReadonlySet<string>;
  readonly criteria: ReadonlySet<string>;
}

/** What an actor logs about its step, and what that is called here. */
const stepEvents: Readonly<Record<string, string>> = {
  "step-done": "done",
  "step-retried": "fails",
  "operation-undoing": "fails",
  "operation-undone": "fails",
  "operation-asks-a-person": "fails",
};

/** Collects what two actors log and decide in one run. */
export class CoverageOfRun implements Coverage {
  readonly transitions = new Set<string>();
  readonly steps = new Set<string>();
  readonly criteria = new Set<string>();

  noteEvent(event: string, fields: JsonObject): void {
    const outcome = stepEvents[event];
    if (outcome !== undefined && typeof fields["step"] === "string") this.steps.add(`${fields["step"]} ${outcome}`);
    const { from, to } = fields;
    if (event === "peer-state-changed" && typeof from === "string" && typeof to === "string")
      this.transitions.add(`${from} → ${to}`);
  }

  /** The actor dies while one of the steps that it does is under way or was just ended. */
  noteKill(steps: readonly { readonly name: string; readonly state: string }[]): void {
    for (const [index, { name, state }] of steps.entries()) {
      if (state === "running") this.steps.add(`${name} killed before`);
      const next = steps[index + 1];
      // After its last step an actor waits: for the other server, or for the next operation.
      if (state === "done" && next?.state !== "done") this.steps.add(`${name} killed after`);
    }
  }

  noteCriteria(criteria: readonly { readonly name: string; readonly met: boolean }[]): void {
    for (const { name, met } of criteria) this.criteria.add(`${name} ${met ? "met" : "not met"}`);
  }
}

/**
 * All that could be exercised. A peer is `unknown` only before it was first heard, and one that has announced its stop is
 * `stopped` until it is heard again, so these two have no way between them and to `inactive`.
 */
export const everything: Coverage = {
  transitions: new Set(
    stateNames.flatMap((from) =>
      stateNames
        .filter((to) => to !== from && to !== "unknown" && !(from === "stopped" && to === "inactive"))
        .map((to) => `${from} → ${to}`),
    ),
  ),
  steps: new Set(
    stepNames.flatMap((name) =>
      ["done", "fails", "killed before", "killed after"].map((outcome) => `${name} ${outcome}`),
    ),
  ),
  criteria: new Set(failoverCriteria.flatMap(({ name }) => [`${name} met`, `${name} not met`])),
};

/** `reached/all` of each kind, and what is missing. */
export function summarise(runs: readonly Coverage[]): {
  readonly reached: Record<keyof Coverage, string>;
  readonly missing: readonly string[];
} {
  const missing: string[] = [];
  const count = (kind: keyof Coverage): string => {
    const reached = new Set(runs.flatMap((run) => [...run[kind]]));
    const all = [...everything[kind]];
    missing.push(...all.filter((word) => !reached.has(word)));
    return `${all.filter((word) => reached.has(word)).length}/${all.length}`;
  };
  return {
    reached: { transitions: count("transitions"), steps: count("steps"), criteria: count("criteria") },
    missing,
  };
}
