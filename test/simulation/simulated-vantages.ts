import { otherServer } from "../../shared/core/server-name.js";
import type { VantageWord } from "../../shared/core/vantage.js";
import type { VantagesPort } from "../../actor/watch/vantages-port.js";
import type { SimulatedHost } from "./simulated-host.js";

/** The vantages of the settings: each looks at the other server from the outside, by its own way. */
export function createSimulatedVantages(host: SimulatedHost): VantagesPort {
  const { world } = host;
  const active = otherServer(host.name);
  return {
    look: () =>
      host.look(20, () =>
        world.settings(host.name).failover.vantages.map(({ name, site }): VantageWord => {
          if (world.network.isCut(host.name, "outside")) return { name, site, says: "nothing", because: "no answer" };
          const isSeen = world.host(active).isServing() && !world.network.isCut("outside", active);
          return { name, site, says: isSeen ? "up" : "down", because: isSeen ? "200" : "no answer" };
        }),
      ),
  };
}
