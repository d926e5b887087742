import type { VantageWord } from "../../shared/core/vantage.js";

/** Other places from which the active server's managed system is looked at. */
export interface VantagesPort {
  /** Asks all of them at once. Rejects only with ABORTED; one that does not answer says nothing. */
  look(signal: AbortSignal): Promise<readonly VantageWord[]>;
}
