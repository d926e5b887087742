import { AppError } from "../../../shared/core/app-error.js";
import { requireRolesTaken } from "../../watch/data-watch.js";
import { defineStep, holds } from "../step.js";

/** From now on the data paths refuse what the former source may still send (docs/ownership.md 9). */
export const raiseDataEpoch = defineStep({
  name: "raise-data-epoch",
  title: "Refuse data of the former epoch",
  limitSeconds: () => 30,
  patienceSeconds: 120,
  do: async ({ context, signal }) => {
    const { record } = context.store.facts;
    if (record?.active !== context.server) throw new AppError("OWNERSHIP_LOST", "this server no longer owns the name");
    requireRolesTaken(context);
    for (const part of context.ports.parts) await part.raiseEpoch(record.epoch, signal);
  },
  // raiseEpoch resolves only when the refusal is durable; asking for it again is the same call.
  verify: () => Promise.resolve(holds),
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});
