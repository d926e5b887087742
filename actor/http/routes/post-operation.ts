import { z } from "zod";
import { AppError } from "../../../shared/core/app-error.js";
import { operationKinds, type OperationKind } from "../../../shared/core/status.js";
import { isForced } from "../../core/switchover-plan.js";
import { operationAnswer } from "../operation-answer.js";
import { defineRoute } from "../route.js";

export const postOperation = defineRoute({
  method: "POST",
  path: "/v1/operations",
  purpose: "Asks for an operation: 202 accepted or running, 200 planned (dry run), 409 refused.",
  access: "operator",
  body: z.strictObject({
    kind: z.enum(operationKinds),
    reason: z.string().trim().max(500).default(""),
    dryRun: z.boolean().default(false),
    allowDataLoss: z.boolean().default(false),
    peerIsOff: z.boolean().default(false),
  }),
  answer: async ({ actor, body, callerName }) => {
    if (body.reason === "" && !body.dryRun) {
      throw new AppError("REQUEST_INVALID", "reason: is missing; only a dry run goes without one");
    }
    requireConsent(body);
    return operationAnswer(
      await actor.requestOperation({
        kind: body.kind,
        reason: body.reason,
        requestedBy: callerName,
        isDryRun: body.dryRun,
        isPeerOff: body.peerIsOff,
      }),
    );
  },
});

/** What is said of a forced takeover must be said, and means nothing elsewhere. */
function requireConsent(body: { kind: OperationKind; allowDataLoss: boolean; peerIsOff: boolean }): void {
  const isForce = isForced(body.kind);
  if (isForce && !body.allowDataLoss) {
    throw new AppError(
      "REQUEST_INVALID",
      `allowDataLoss: ${body.kind} loses what was not copied yet; it must be true`,
      {
        hint: "Look at the plan first (dryRun), and at sparesync switch or failover, which lose less.",
      },
    );
  }
  if (isForce || (!body.allowDataLoss && !body.peerIsOff)) return;
  throw new AppError("REQUEST_INVALID", `allowDataLoss and peerIsOff are for a forced takeover, not for ${body.kind}`);
}
