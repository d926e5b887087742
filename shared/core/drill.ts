import { z } from "zod";

export const drillLine = z.object({
  name: z.string(),
  result: z.enum(["passed", "failed", "skipped"]),
  because: z.string(),
  seconds: z.number(),
});
export type DrillLine = z.output<typeof drillLine>;

export const drillReport = z.object({
  id: z.string(),
  result: z.enum(["running", "passed", "failed", "broken-off"]),
  because: z.string(),
  requestedBy: z.string(),
  startedAtMs: z.number(),
  endedAtMs: z.number(),
  lines: z.array(drillLine),
  /** What of a takeover was done and measured here: update of the name, promotion, start until the test page answers. */
  measuredSeconds: z.number(),
  /** With the waits that the settings ask for: from the loss of the active server to the new address. */
  recoveryTimeSeconds: z.number(),
  /** What would have been lost at that moment. */
  recoveryPointSeconds: z.number(),
});
export type DrillReport = z.output<typeof drillReport>;

/** What the status says of drills. Times are Unix milliseconds, 0 = never. */
export const drillStatus = z.object({
  isRunning: z.boolean(),
  lastEndedAtMs: z.number(),
  lastSuccessAtMs: z.number(),
  hasLastPassed: z.boolean(),
  recoveryTimeSeconds: z.number(),
  recoveryPointSeconds: z.number(),
});
export type DrillStatus = z.output<typeof drillStatus>;
