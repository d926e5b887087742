import { z } from "zod";
import { defineRoute } from "../route.js";

export const postMarkChecked = defineRoute({
  method: "POST",
  path: "/v1/mark-checked",
  purpose: "Ends, for the pair, configuration errors whose cause is gone and the block after an automatic failover.",
  access: "operator",
  body: z.strictObject({}),
  answer: async ({ actor, callerName }) => {
    await actor.markChecked(callerName);
    return { status: 200, body: { isPeerConnected: actor.status().peer.isConnected } };
  },
});
