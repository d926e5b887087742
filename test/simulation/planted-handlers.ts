import type { LinkHandler, LinkHandlers } from "../../actor/link/link.js";
import type { SimulatedHost } from "./simulated-host.js";

/** What a server answers in place of its actor while a bug is planted. */
export function plantedHandlers({ world, name }: SimulatedHost): LinkHandlers {
  return world.alwaysGrants === name ? { "ownership/confirm": grant } : {};
}

const grant: LinkHandler = () => Promise.resolve({ fields: { isGranted: true, because: "", record: null } });
