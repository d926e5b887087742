import { parentPort, workerData } from "node:worker_threads";
import { switchWithKill, type KilledSwitchover } from "./killed-switchover.js";

/** Kills one server before and after each of the effects that it has in the undisturbed switchover. */
const { kind, killed } = workerData as Pick<KilledSwitchover, "kind"> & { readonly killed: "primary" | "secondary" };

const undisturbed = await switchWithKill({ kind, killed: undefined, effect: 0, when: "before" });
const failures: string[] = [...undisturbed.problems];
const effects = undisturbed.effects[killed];
for (let effect = 1; effect <= effects; effect += 1) {
  for (const when of ["before", "after"] as const) {
    const { problems } = await switchWithKill({ kind, killed, effect, when });
    failures.push(...problems.map((problem) => `killed ${when} effect ${effect}: ${problem}`));
  }
}
parentPort?.postMessage({ effects, failures });
