import { z } from "zod";
import { operationAnswer } from "../operation-answer.js";
import { defineRoute } from "../route.js";

export const postAbort = defineRoute({
  method: "POST",
  path: "/v1/operations/:id/abort",
  purpose: "Undoes an operation that has not passed its point of no return; 409 from then on.",
  access: "operator",
  body: z.strictObject({}),
  answer: async ({ actor, params, callerName }) =>
    operationAnswer(await actor.abortOperation(params["id"] ?? "", callerName)),
});
