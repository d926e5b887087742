import { z } from "zod";
import { defineRoute } from "../route.js";

export const postFirstRecord = defineRoute({
  method: "POST",
  path: "/v1/first-record",
  purpose: "Creates the very first ownership record, with this server active; refused if there is one.",
  access: "operator",
  body: z.strictObject({}),
  answer: async ({ actor, callerName }) => {
    await actor.createFirstRecord(callerName);
    return { status: 200, body: {} };
  },
});
