import { z } from "zod";
import { operationAnswer } from "../operation-answer.js";
import { defineRoute } from "../route.js";

export const postRetry = defineRoute({
  method: "POST",
  path: "/v1/operations/:id/retry",
  purpose: "Runs the step again at which an operation stopped to ask a person.",
  access: "operator",
  body: z.strictObject({}),
  answer: async ({ actor, params, callerName }) =>
    operationAnswer(await actor.retryOperation(params["id"] ?? "", callerName)),
});
