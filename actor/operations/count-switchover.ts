import { count, type ActorContext } from "../actor-context.js";
import type { OperationDocument } from "../core/kept-facts.js";

/**
 * Counts an operation that has ended, once in the pair: the claimant counts what is done; what was undone counts who could
 * still undo it, which is the coordinator, or the one server that there is in a failover.
 */
export function countSwitchover(
  context: ActorContext,
  { part, kind, isAutomatic }: Pick<OperationDocument, "part" | "kind" | "isAutomatic">,
  end: "done" | "undone",
): void {
  const isAlone = part === "claimant" && (kind === "failover" || kind.startsWith("force"));
  if (end === "done" ? part !== "claimant" : part === "claimant" && !isAlone) return;
  const trigger = isAutomatic ? "automatic" : "operator";
  count(context, `switchovers.${trigger}`);
  if (end === "undone") count(context, `switchover_failures.${trigger}`);
}
