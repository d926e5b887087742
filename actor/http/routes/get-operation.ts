import { AppError } from "../../../shared/core/app-error.js";
import { defineRoute } from "../route.js";

export const getOperation = defineRoute({
  method: "GET",
  path: "/v1/operations/:id",
  purpose: "One operation with its steps.",
  access: "viewer",
  answer: ({ actor, params }) => {
    const operation = actor.operations().find(({ id }) => id === params["id"]);
    if (operation === undefined) throw new AppError("NOT_FOUND", "there is no operation of this id");
    return { status: 200, body: operation };
  },
});
