import { serverNames } from "../../shared/core/server-name.js";
import type { Fault } from "./faults.js";
import type { Place } from "./simulated-network.js";
import type { World } from "./world.js";

/** What administrators do to the settings of one server, whatever the other one's are. */
export const settingsFaults = {
  /**
   * One server is started again with another fence. Either the other one hears of it, or it is cut off from everything
   * meanwhile, and is back at the update server when the primary is cut off.
   */
  "fence-changed": (world, random) => {
    const host = world.host(random.pick(serverNames));
    const before = world.plantedSettings[host.name];
    const selfFenceSeconds = random.pick([5, 80]);
    const isApart = random.chance(0.5);
    if (isApart) change(world, "cut", [link, spares]);
    world.plantedSettings[host.name] = { ...before, selfFenceSeconds };
    world.killAndRestart(host, 1000);
    world.time.schedule(15_000, () => {
      if (isApart) change(world, "mend", [spares]);
      change(world, "cut", isApart ? [primarys] : [link, primarys]);
      world.time.schedule(100_000, () => {
        change(world, "mend", [link, primarys]);
      });
    });
    return {
      text: `${host.name}, ${selfFenceSeconds} s, ${isApart ? "unheard" : "heard"}`,
      end: () => {
        world.plantedSettings[host.name] = before;
      },
    };
  },
} as const satisfies Readonly<Record<string, Fault>>;

type Line = readonly [Place, Place];
const link: Line = ["primary", "secondary"];
const spares: Line = ["secondary", "update-server"];
const primarys: Line = ["primary", "update-server"];

function change(world: World, does: "cut" | "mend", lines: readonly Line[]): void {
  for (const [from, to] of lines) {
    world.network[does](from, to);
    world.network[does](to, from);
  }
}
