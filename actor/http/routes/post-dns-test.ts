import { z } from "zod";
import { defineRoute } from "../route.js";

export const postDnsTest = defineRoute({
  method: "POST",
  path: "/v1/dns/test",
  purpose: "Adds a test name at the update server, reads it back and deletes it; touches no other name.",
  access: "operator",
  body: z.strictObject({}),
  answer: async ({ actor, callerName }) => ({ status: 200, body: { lines: await actor.testNameServer(callerName) } }),
});
