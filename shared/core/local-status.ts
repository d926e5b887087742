import { z } from "zod";
import { actorStatus } from "./status.js";

/**
 * What the actor tells the programs of its own machine: its status, and which of its listeners listen. Of a listener that
 * was not tried yet, or is closed because the actor stops, there is nothing to say.
 */
export const localStatus = actorStatus.extend({
  listeners: z.object({ admin: z.boolean().optional(), link: z.boolean().optional() }),
});
export type LocalStatus = z.output<typeof localStatus>;
