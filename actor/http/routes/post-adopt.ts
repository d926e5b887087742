import { z } from "zod";
import { defineRoute } from "../route.js";

export const postAdopt = defineRoute({
  method: "POST",
  path: "/v1/adopt",
  purpose: "Vouches for the data of this server, which owns the name and does not remember why; answers the takeover.",
  access: "operator",
  body: z.strictObject({ reason: z.string().min(1).max(2000) }),
  answer: async ({ actor, callerName, body }) => {
    const operation = await actor.adopt(callerName, body.reason);
    return { status: operation ? 202 : 200, body: operation ? { operation } : {} };
  },
});
