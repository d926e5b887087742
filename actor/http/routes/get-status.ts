import { defineRoute } from "../route.js";

export const getStatus = defineRoute({
  method: "GET",
  path: "/v1/status",
  purpose: "What this actor knows of itself and of its peer.",
  access: "viewer",
  answer: ({ actor }) => ({ status: 200, body: actor.status() }),
});
