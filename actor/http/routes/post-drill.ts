import { z } from "zod";
import { defineRoute } from "../route.js";

export const postDrill = defineRoute({
  method: "POST",
  path: "/v1/drills",
  purpose:
    "Begins a drill on the spare, or answers the one that runs; 409 on the active server and during an operation.",
  access: "operator",
  body: z.strictObject({}),
  answer: async ({ actor, callerName }) => ({ status: 202, body: { drill: await actor.beginDrill(callerName) } }),
});
