import { z } from "zod";
import { actorStatus } from "./status.js";

/** What the actor tells the programs of its own machine: its status, and which of its listeners listen. */
export const localStatus = actorStatus.extend({
  listeners: z.object({ admin: z.boolean(), link: z.boolean() }),
});
export type LocalStatus = z.output<typeof localStatus>;
