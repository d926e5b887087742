import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { ActorContext } from "../actor-context.js";
import { decideDataRole, type DataRole } from "../core/data-role.js";
import { runLoop } from "./loop.js";
import { runTurnOffWatch } from "./turn-off-watch.js";

/** Keeps files and databases in the role that the kept facts ask for; a part that cannot take it up is asked again. */
export function runDataWatch(context: ActorContext): Promise<unknown> {
  const { rolesTaken } = context.situation;
  return Promise.all([
    runTurnOffWatch(context),
    ...context.ports.parts.map((part) => {
      return runLoop(
        context,
        `role-of-${part.name}`,
        () => 0.5,
        async () => {
          // What was kept may be old: a server that comes back first reads who owns the name now.
          if (!context.situation.isFirstConfirmationOver) return;
          const role = wantedRole(context);
          const wanted = JSON.stringify(role);
          if (wanted === rolesTaken.get(part.name)) return;
          rolesTaken.delete(part.name);
          context.ports.log.info("data-role", { part: part.name, ...role });
          try {
            await part.setRole(role);
            rolesTaken.set(part.name, wanted);
          } catch (error) {
            context.ports.log.warn("data-role-not-taken", { part: part.name, because: errorMessage(error) });
            throw error;
          }
        },
      );
    }),
  ]);
}

function wantedRole({ store, situation }: ActorContext): DataRole {
  return decideDataRole(store.facts, (situation.peerStatus?.configurationErrors.length ?? 0) > 0);
}

/**
 * Throws until every part has taken up the present role. A part that is still becoming a target would otherwise undo a
 * promotion that overtakes it: after a restart the watch and the resumed operation begin at the same moment.
 */
export function requireRolesTaken(context: ActorContext): void {
  const wanted = JSON.stringify(wantedRole(context));
  const late = context.ports.parts.filter((part) => context.situation.rolesTaken.get(part.name) !== wanted);
  if (late.length === 0) return;
  const names = late.map((part) => part.name).join(", ");
  throw new AppError("STEP_FAILED", `has not taken up its role yet: ${names}`);
}
