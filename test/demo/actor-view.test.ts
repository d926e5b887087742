import { describe, expect, test } from "@jest/globals";
import type { ActorStatus, OperationView } from "../../shared/core/status.js";
import { newestOperation, StatusTeller } from "../../demo/actor-view.js";
import { Timeline } from "../../demo/timeline.js";

function operation(id: string, startedAtMs: number, change: Partial<OperationView> = {}): OperationView {
  return {
    id,
    kind: "failover",
    state: "running",
    requestedBy: "watch",
    reason: "the primary is lost",
    from: "primary",
    to: "secondary",
    startedAtMs,
    endedAtMs: 0,
    because: "",
    progressRatio: 0,
    steps: [],
    ...change,
  };
}

function status(change: Partial<ActorStatus>): ActorStatus {
  const base = {
    ...{ server: "secondary", active: "primary", state: "working", because: "all is well", lastOperations: [] },
    ...{ peer: { state: "working" }, managedSystem: { isActiveAvailable: true } },
  };
  return { ...base, ...change } as unknown as ActorStatus;
}

describe("the view of an actor", () => {
  test("knows the newest operation, running or ended", () => {
    const [old, last, running] = [operation("a", 1), operation("b", 2), operation("c", 3)];
    expect(newestOperation(undefined)).toBeUndefined();
    expect(newestOperation(status({}))).toBeUndefined();
    expect(newestOperation(status({ lastOperations: [old, last] }))).toBe(last);
    expect(newestOperation(status({ lastOperations: [last, old], operation: running }))).toBe(running);
  });

  test("tells each change once", () => {
    const lines: string[] = [];
    const teller = new StatusTeller(new Timeline({ write: (text) => lines.push(text) }));
    const criteria = [{ name: "unavailable-long-enough", met: true, because: "3.4 s" }];
    const decision = { decision: "fail-over" as const, because: "all criteria are met", decidedAtMs: 5, criteria };
    const step = { name: "claim", title: "Claim", runsOn: "secondary" as const, startedAtMs: 1, because: "" };
    const begun = operation("a", 1, { steps: [{ ...step, state: "running", endedAtMs: 0 }] });
    const ended = operation("a", 1, { state: "done", steps: [{ ...step, state: "done", endedAtMs: 2501 }] });
    const stay = { ...decision, decision: "stay" as const };
    const managedSystem = { isActiveAvailable: false } as ActorStatus["managedSystem"];
    for (const seen of [
      status({}),
      status({ decision: stay }),
      status({ decision: { ...stay, because: "3.0 s" }, managedSystem }),
      status({ decision, operation: begun }),
      status({ decision, operation: begun }),
      status({ decision, lastOperations: [ended] }),
      // The other server has not heard of the end yet.
      status({ server: "primary", active: "primary", operation: begun }),
    ]) {
      teller.tell(seen);
    }
    expect(lines.map((line) => line.replace(/^ *[\d.]+ s +/, "").trim())).toEqual([
      "secondary     state working (all is well)",
      "secondary     sees the other server as working",
      "secondary     the active server's application does not answer",
      "secondary     decision fail-over: all criteria are met",
      "✓ unavailable-long-enough: 3.4 s",
      "secondary     operation failover, asked for by watch: the primary is lost",
      "running claim on the secondary: Claim",
      "done    claim on the secondary: Claim in 2.5 s",
      "secondary     operation failover done",
      "primary       state working (all is well)",
      "primary       sees the other server as working",
    ]);
  });
});
