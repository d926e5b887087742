import { AppError } from "../../../shared/core/app-error.js";
import { isBoundByPromise } from "../../core/kept-facts.js";
import { nextRecord } from "../../core/ownership.js";
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
      return facts.claim === null && facts.operation?.id === id
        ? { ...facts, claim: { operationId: id, previous, next, state: "intended", validUntilWallMs: 0 } }
        : facts;
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
