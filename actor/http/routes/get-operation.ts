import { AppError } from "../../../shared/core/app-error.js";
import { defineRoute } from "../route.js";

export const getOperation = defineRoute({
  method: "GET",
  path: "/v1/operations/:id",
  purpose: "One operation with its steps.",
  access: "viewer",
  answer: async ({ actor, params }) => {
    const operation = await actor.findOperation(params["id"] ?? "");
    if (operation === undefined) throw new AppError("NOT_FOUND", "there is no operation of this id");
    return { status: 200, body: operation };
  },
});
