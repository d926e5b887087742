import { errorMessage } from "../../shared/core/app-error.js";
import type { ActorContext } from "../actor-context.js";
import { decideDataRole } from "../core/data-role.js";
import { runLoop } from "./loop.js";

/** Keeps files and databases in the role that the kept facts ask for; a part that cannot take it up is asked again. */
export function runDataWatch(context: ActorContext): Promise<unknown> {
  return Promise.all(
    context.ports.parts.map((part) => {
      let taken = "";
      return runLoop(
        context,
        `role-of-${part.name}`,
        () => 0.5,
        async () => {
          const role = decideDataRole(context.store.facts);
          const wanted = JSON.stringify(role);
          if (wanted === taken) return;
          context.ports.log.info("data-role", { part: part.name, ...role });
          try {
            await part.setRole(role);
            taken = wanted;
          } catch (error) {
            context.ports.log.warn("data-role-not-taken", { part: part.name, because: errorMessage(error) });
            throw error;
          }
        },
      );
    }),
  );
}
