import { whyWitnessIsSilent } from "../../actor/witness-answers.js";
import type { Finding } from "../../shared/check/finding.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { Settings } from "../../shared/core/settings/settings.js";

/** Whether the witness answers this server; nothing is changed there. */
export async function examineWitness(settings: Settings, clock: ClockPort): Promise<readonly Finding[]> {
  const because = await whyWitnessIsSilent(settings, clock);
  if (because === "") return [];
  const hint = "without it no failover begins by itself: look at etcd there, the line to it, and the group witness";
  return [{ key: "witness.endpoints", grade: "problem", message: because, hint }];
}
