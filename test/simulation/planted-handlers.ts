import type { LinkHandler, LinkHandlers } from "../../actor/link/link.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { SimulatedHost } from "./simulated-host.js";
import type { World } from "./world.js";

/** What a server answers in place of its actor while a bug is planted. */
export function plantedHandlers({ world, name }: SimulatedHost): LinkHandlers {
  return world.alwaysGrants === name ? { "ownership/confirm": grant } : {};
}

/** What of a message comes through while servers do not tell each other by what they fence. */
export function plantedFields({ hidesFence }: World, fields: JsonObject): JsonObject {
  if (!hidesFence) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== "fence" && key !== "fenceSeen"));
}

const grant: LinkHandler = () => Promise.resolve({ fields: { isGranted: true, because: "", record: null } });
