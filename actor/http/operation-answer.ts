import { AppError } from "../../shared/core/app-error.js";
import type { OperationAnswer } from "../actor-api.js";
import type { RouteAnswer } from "./route.js";

/** The HTTP form of what the actor answers to a request for an operation. */
export function operationAnswer(answer: OperationAnswer): RouteAnswer {
  switch (answer.kind) {
    case "accepted":
    // A doubled request finds the operation of the first one: that is what it asked for.
    case "running":
      return { status: 202, body: { outcome: answer.kind, operation: answer.operation } };
    case "planned":
      return { status: 200, body: plannedBody(answer) };
    case "refused":
      throw new AppError("OPERATION_REFUSED", answer.because, answer.hint === "" ? {} : { hint: answer.hint });
  }
}

function plannedBody({ operation, obstacles, plan, checks }: Extract<OperationAnswer, { kind: "planned" }>): object {
  return { outcome: "planned", operation, obstacles, plan, checks };
}
