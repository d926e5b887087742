import { serverNames } from "../../shared/core/server-name.js";
import type { Fault } from "./faults.js";

/** What befalls the witness of a pair that has one; nothing to any other. */
export const witnessFaults = {
  "witness-cut": (world, random) => {
    const from = random.pick([["primary"], ["secondary"], serverNames] as const);
    const isOneWay = random.chance(0.3);
    for (const name of from) {
      world.network.cut(name, "witness");
      if (!isOneWay) world.network.cut("witness", name);
    }
    return {
      text: `${from.join(" and ")}${isOneWay ? ", one way" : ""}`,
      end: () => {
        for (const name of from) {
          world.network.mend(name, "witness");
          if (!isOneWay) world.network.mend("witness", name);
        }
      },
    };
  },
  "witness-slow": (world, random) => {
    world.witness.slowMs = random.between(500, 6_000);
    return {
      text: `${world.witness.slowMs.toFixed(0)} ms`,
      end: () => {
        world.witness.slowMs = 0;
      },
    };
  },
  /** As when the engine has lost its leases, or was out of breath for longer than they last. */
  "witness-loses-leases": (world) => {
    world.witness.loseLeases();
    return { text: "", end: () => undefined };
  },
} as const satisfies Readonly<Record<string, Fault>>;
