import { AppError } from "../../../shared/core/app-error.js";
import { withReadyRecord } from "../../core/readiness.js";
import { requireRolesTaken } from "../../watch/data-watch.js";
import { defineStep, holds } from "../step.js";

/** Turns the copies into ordinary data that the application may write, journalled from the first change on. */
export const promoteTarget = defineStep({
  name: "promote-target",
  title: "Promote the copies of files and databases",
  limitSeconds: () => 300,
  patienceSeconds: 300,
  do: async ({ context, signal }) => {
    const { record } = context.store.facts;
    if (record?.active !== context.server) throw new AppError("OWNERSHIP_LOST", "this server no longer owns the name");
    requireRolesTaken(context);
    for (const part of context.ports.parts) await part.promote(record.epoch, signal);
    await context.store.change((facts) => withReadyRecord(facts, record.operationId));
  },
  verify: async ({ context, signal }) => {
    for (const part of context.ports.parts) {
      if (!(await part.isPromoted(signal))) return { holds: false, because: `${part.name}: not promoted` };
    }
    return holds;
  },
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});
