import { defineRoute } from "../route.js";

export const getOperations = defineRoute({
  method: "GET",
  path: "/v1/operations",
  purpose: "The known operations, newest first.",
  access: "viewer",
  answer: ({ actor }) => ({ status: 200, body: { operations: actor.operations() } }),
});
