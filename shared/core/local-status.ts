import { z } from "zod";
import { actorStatus } from "./status.js";

/** What the actor tells the programs of its own machine: its status, and which of its listeners listen. */
export const localStatus = actorStatus.extend({
  listeners: z.object({ admin: z.boolean(), link: z.boolean() }),
  /** When each event last happened, in Unix seconds; kept over restarts. Absent: an actor that keeps none. */
  events: z.record(z.string(), z.number()).optional(),
  /** The last drill that succeeded. Absent: an actor that makes none, or none has succeeded yet. */
  drill: z.object({ lastSuccessAtMs: z.number(), recoveryTimeSeconds: z.number() }).optional(),
});
export type LocalStatus = z.output<typeof localStatus>;
