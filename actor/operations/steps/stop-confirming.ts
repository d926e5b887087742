import { AppError } from "../../../shared/core/app-error.js";
import { isBoundByPromise, type KeptFacts } from "../../core/kept-facts.js";
import { nextRecord } from "../../core/ownership.js";
import { defineStep, holds } from "../step.js";

/** Durably stops granting confirmations to the peer, before the claim (OWNERSHIP.md 3). */
export const stopConfirming = defineStep({
  name: "stop-confirming",
  title: "Stop confirming the other server's ownership",
  limitSeconds: () => 10,
  patienceSeconds: 30,
  do: async ({ context, operation }) => {
    const { previous, id } = operation;
    const next = nextRecord(previous, context.server, id);
    // A promise made since the operation was accepted lets the other server serve on; one that has stopped does not.
    const isBound = (facts: KeptFacts): boolean => !operation.isPeerStopped && isBoundByPromise(facts);
    const after = await context.store.change((facts) =>
      facts.claim === null && !isBound(facts)
        ? { ...facts, claim: { operationId: id, previous, next, state: "intended", validUntilWallMs: 0 } }
        : facts,
    );
    if (after.claim === null) {
      throw new AppError("OWNERSHIP_LOST", "this server has promised the other one not to claim");
    }
  },
  verify: ({ context, operation }) => {
    const { claim } = context.store.facts;
    return Promise.resolve(
      claim?.operationId === operation.id ? holds : { holds: false, because: "another claim is not settled yet" },
    );
  },
  undo: { kind: "nothing-to-undo" },
});
