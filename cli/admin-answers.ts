import { z } from "zod";
import { AppError } from "../shared/core/app-error.js";
import type { Json, JsonObject } from "../shared/core/json.js";
import { planStepView, preCheckView } from "../shared/core/operation-plan.js";
import { operationView, type OperationView } from "../shared/core/status.js";
import type { AdminClient } from "./admin-client.js";

const requestAnswer = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("accepted"), operation: operationView }),
  z.object({ outcome: z.literal("running"), operation: operationView }),
  z.object({
    outcome: z.literal("planned"),
    operation: operationView,
    obstacles: z.array(z.string()),
    plan: z.array(planStepView),
    checks: z.array(preCheckView),
  }),
]);
export type RequestAnswer = z.output<typeof requestAnswer>;
export type PlannedAnswer = Extract<RequestAnswer, { readonly outcome: "planned" }>;

/** Asks the actor for something that answers as an operation does. A refusal rejects with OPERATION_REFUSED. */
export async function requestOperation(client: AdminClient, path: string, body: Json): Promise<RequestAnswer> {
  return understand(requestAnswer, await client.post(path, body), client);
}

/** One operation, by its identifier. */
export async function readOperation(client: AdminClient, id: string): Promise<OperationView> {
  const schema = z.union([operationView, z.object({ operation: operationView }).transform((it) => it.operation)]);
  return understand(schema, await client.get(`/v1/operations/${encodeURIComponent(id)}`), client);
}

/** All operations the actor remembers. */
export async function readOperations(client: AdminClient): Promise<readonly OperationView[]> {
  const schema = z.object({ operations: z.array(operationView) });
  return understand(schema, await client.get("/v1/operations"), client).operations;
}

/** Reads an answer by its schema; an actor of another version may answer something else. */
export function understand<Schema extends z.ZodType>(
  schema: Schema,
  answer: unknown,
  client: AdminClient,
): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const reason = z.prettifyError(parsed.error).replaceAll("\n", " ");
  throw new AppError("ACTOR_ANSWER_INVALID", `the answer of ${client.address} is not understood: ${reason}`, {
    hint: "actor and sparesync command should be of the same version",
  });
}

/** What was parsed from JSON, as JSON again. */
export function toJson(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
