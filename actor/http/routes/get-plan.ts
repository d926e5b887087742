import { AppError } from "../../../shared/core/app-error.js";
import { operationKinds } from "../../../shared/core/status.js";
import { operationAnswer } from "../operation-answer.js";
import { defineRoute } from "../route.js";

export const getPlan = defineRoute({
  method: "GET",
  path: "/v1/plans/:kind",
  purpose: "The dry run of an operation: its plan and what was looked at on both servers. Changes nothing.",
  access: "viewer",
  answer: async ({ actor, params, callerName }) => {
    const kind = operationKinds.find((one) => one === params["kind"]);
    if (kind === undefined)
      throw new AppError("NOT_FOUND", `there is no operation of the kind ${params["kind"] ?? ""}`);
    return operationAnswer(
      await actor.requestOperation({ kind, reason: "dry run", requestedBy: callerName, isDryRun: true }),
    );
  },
});
