import { serverNames } from "../../shared/core/server-name.js";
import type { Fault } from "./faults.js";

/** What administrators do to the settings of one server, whatever the other one's are. */
export const settingsFaults = {
  /** The server is started again with another fence, and after a while with that of the pair. */
  "fence-changed": (world, random) => {
    const host = world.host(random.pick(serverNames));
    const before = world.plantedSettings[host.name];
    const selfFenceSeconds = Math.round(random.between(5, 80));
    world.plantedSettings[host.name] = { ...before, selfFenceSeconds };
    world.killAndRestart(host, 1000);
    return {
      text: `${host.name}, ${selfFenceSeconds} s`,
      end: () => {
        world.plantedSettings[host.name] = before;
        world.killAndRestart(host, 1000);
      },
    };
  },
} as const satisfies Readonly<Record<string, Fault>>;
