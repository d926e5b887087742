import { z } from "zod";
import { operationKinds } from "../../../shared/core/status.js";
import { operationAnswer } from "../operation-answer.js";
import { defineRoute } from "../route.js";

export const postOperation = defineRoute({
  method: "POST",
  path: "/v1/operations",
  purpose: "Asks for an operation: 202 accepted or running, 200 planned (dry run), 409 refused.",
  access: "operator",
  body: z.strictObject({
    kind: z.enum(operationKinds),
    reason: z.string().trim().min(1).max(500),
    dryRun: z.boolean().default(false),
  }),
  answer: async ({ actor, body, callerName }) =>
    operationAnswer(
      await actor.requestOperation({
        kind: body.kind,
        reason: body.reason,
        requestedBy: callerName,
        isDryRun: body.dryRun,
      }),
    ),
});
