import { errorMessage } from "../shared/core/app-error.js";
import type { ClockPort } from "../shared/core/clock-port.js";
import type { Settings } from "../shared/core/settings/settings.js";
import { openWitness } from "./witness/open-witness.js";

/** Asks the witness of the settings once. Why it does not answer as it should; empty: it does, or none is set. */
export async function whyWitnessIsSilent(settings: Settings, clock: ClockPort): Promise<string> {
  try {
    const witness = await openWitness(settings, clock);
    await witness?.read(new AbortController().signal);
    return "";
  } catch (error) {
    return errorMessage(error);
  }
}
