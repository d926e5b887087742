import { claimRecord } from "../../claim-record.js";
import { defineStep, holds } from "../step.js";

/**
 * Claims the name by compare-and-swap. It is tried as long as it takes: an update whose answer was lost may still come
 * true, and until that is known this server neither confirms the other nor calls the claim undone (docs/ownership.md 4).
 */
export const claimOwnership = defineStep({
  name: "claim-ownership",
  title: "Claim the ownership of the name",
  limitSeconds: (settings) => settings.dns.limitSeconds * 4,
  patienceSeconds: Infinity,
  do: ({ context, signal }) => claimRecord(context, signal),
  verify: ({ context, operation }) => {
    const { record } = context.store.facts;
    const isOwn = record?.operationId === operation.id && record.active === context.server;
    return Promise.resolve(
      isOwn ? holds : { holds: false, because: "the claim is not confirmed by the update server" },
    );
  },
  undo: { kind: "point-of-no-return", because: "from the claim on this server owns the name" },
});
