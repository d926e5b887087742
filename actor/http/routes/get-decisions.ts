import { defineRoute } from "../route.js";

/** More than anybody reads at once; older ones stand in the file. */
const shownDecisions = 200;

export const getDecisions = defineRoute({
  method: "GET",
  path: "/v1/decisions",
  purpose: "The last changes of the failover decision, newest first, each with all that it was made from.",
  access: "viewer",
  answer: async ({ actor }) => ({ status: 200, body: { decisions: await actor.decisions(shownDecisions) } }),
});
