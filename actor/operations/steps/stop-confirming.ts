import { AppError } from "../../../shared/core/app-error.js";
import { isBoundByPromise } from "../../core/kept-facts.js";
import { withOperation } from "../../core/operation-document.js";
import { nextRecord } from "../../core/ownership.js";
import { isForced } from "../../core/switchover-plan.js";
import { defineStep, holds } from "../step.js";

/** Durably stops granting confirmations to the peer, before the claim (docs/ownership.md 3). */
export const stopConfirming = defineStep({
  name: "stop-confirming",
  title: "Stop confirming the other server's ownership",
  limitSeconds: () => 10,
  patienceSeconds: 30,
  do: async ({ context, operation }) => {
    const { previous, id } = operation;
    const next = nextRecord(previous, context.server, id);
    const isTakeover = operation.kind === "failover" && !operation.isPeerStopped;
    await context.store.change((facts) => {
      // The peer that knows of a promise serves on unconfirmed; only what it has seen taken back frees this server.
      if (isTakeover && isBoundByPromise(facts)) {
        throw new AppError("OWNERSHIP_LOST", "this server has promised not to claim, and the peer relies on it");
      }
      // Forced past a promise: the peer's own word is then needed, for it does not fence itself.
      const isBound = facts.operation?.id === id && isForced(operation.kind) && isBoundByPromise(facts);
      const kept = isBound ? withOperation(facts, id, { isWordNeeded: true }) : facts;
      return kept.claim === null && kept.operation?.id === id
        ? { ...kept, claim: { operationId: id, previous, next, state: "intended", validUntilWallMs: 0 } }
        : kept;
    });
  },
  verify: ({ context, operation }) => {
    const { claim } = context.store.facts;
    return Promise.resolve(
      claim?.operationId === operation.id ? holds : { holds: false, because: "another claim is not settled yet" },
    );
  },
  undo: { kind: "nothing-to-undo" },
});
