import type { OperationView } from "../../shared/core/status.js";
import { isPeerConnected, type ActorContext } from "../actor-context.js";
import { askOperationStatus } from "./operation-messages.js";

/** An operation that is known here, else as the other server knows it: whoever asked here may follow it here. */
export async function findOperation(context: ActorContext, operationId: string): Promise<OperationView | undefined> {
  const { store, signal } = context;
  const { operation, lastOperations } = store.facts;
  const here = operation?.id === operationId ? operation : lastOperations.find(({ id }) => id === operationId);
  if (here || !isPeerConnected(context)) return here;
  const known = await askOperationStatus(context, operationId, signal).catch(() => undefined);
  return known?.kind === "known" ? known.operation : undefined;
}
