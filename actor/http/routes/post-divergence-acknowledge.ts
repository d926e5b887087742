import { z } from "zod";
import { defineRoute } from "../route.js";

export const postDivergenceAcknowledge = defineRoute({
  method: "POST",
  path: "/v1/divergence/acknowledge",
  purpose: "Says that a person has looked at what diverged: what was kept aside goes with the usual purge.",
  access: "operator",
  body: z.strictObject({}),
  answer: async ({ actor, callerName }) => ({ status: 200, body: await actor.acknowledgeDivergence(callerName) }),
});
