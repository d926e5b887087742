import { z } from "zod";
import { serverName } from "./server-name.js";

/** One step of a plan, as it is shown before anything is done. */
export const planStepView = z.object({
  name: z.string(),
  title: z.string(),
  runsOn: serverName,
  /** How long one attempt may take. */
  limitSeconds: z.number(),
  /** How long attempts go on before the operation is undone or asks a person; absent: as long as it takes. */
  patienceSeconds: z.number().optional(),
  undo: z.enum(["run", "nothing-to-undo", "point-of-no-return"]),
  /** Why there is nothing to do for it this time; empty: it is done. */
  skippedBecause: z.string(),
});
export type PlanStepView = z.output<typeof planStepView>;

/** One thing that was looked at before an operation, on one of the servers. */
export const preCheckView = z.object({
  server: serverName,
  name: z.string(),
  passed: z.boolean(),
  because: z.string(),
  /** What to do about it; empty where nothing more can be said. */
  hint: z.string(),
});
export type PreCheckView = z.output<typeof preCheckView>;
