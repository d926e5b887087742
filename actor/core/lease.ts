import { z } from "zod";
import { fenceTermsSchema } from "./fence-terms.js";
import { ownershipRecordSchema, promiseSchema } from "./kept-facts.js";

/**
 * What the actor tells the guard with each look at its fence (docs/ownership.md 7). Two processes share no clock: what
 * counts is that a new `renewal` was seen, by the reader's own clock.
 */
export const leaseSchema = z.object({
  /** Another text with each renewal. */
  renewal: z.string(),
  record: ownershipRecordSchema.nullable(),
  /** Age of the last confirmation when this was written, seconds; null: there was none. */
  confirmedAgeSeconds: z.number().min(0).nullable(),
  peerPromise: promiseSchema,
  /** By what the other server may still go where that is safer than the settings (15); null: by nothing else. */
  agreedFence: fenceTermsSchema.nullable().default(null),
  /** Whether the actor reaches the internet: where the update server stands beside the spare, that is what counts (6). */
  areExternalResourcesAvailable: z.boolean().default(false),
  /** Age of the last look that found this record in the witness's key, seconds; null: never, or none is set. */
  witnessHeldAgeSeconds: z.number().min(0).nullable().default(null),
});
export type Lease = z.output<typeof leaseSchema>;

/** What the guard tells the actor with each look of its own. */
export const guardReportSchema = z.object({
  renewal: z.string(),
  /** How often this guard has stopped the managed system: a growing number tells the actor to start it again. */
  stopsTotal: z.int().min(0),
});
export type GuardReport = z.output<typeof guardReportSchema>;

/** Notices by the reader's own clock when somebody else last renewed something. Times are seconds of one clock. */
export class Renewals {
  #renewal: string | undefined;
  #lookedAtSeconds: number | undefined;
  #renewedAtSeconds = -Infinity;

  /**
   * Looks at the present renewal. When it is new, returns a moment before which it was certainly not written: that of
   * the look before. The first look proves nothing, for what it finds may be old.
   */
  look(renewal: string | undefined, nowSeconds: number): number | undefined {
    const lookedAtSeconds = this.#lookedAtSeconds;
    const isNew = lookedAtSeconds !== undefined && renewal !== undefined && renewal !== this.#renewal;
    this.#lookedAtSeconds = nowSeconds;
    this.#renewal = renewal;
    if (isNew) this.#renewedAtSeconds = nowSeconds;
    return isNew ? lookedAtSeconds : undefined;
  }

  /** Seconds since a new renewal was last seen; Infinity: never. */
  ageSeconds(nowSeconds: number): number {
    return nowSeconds - this.#renewedAtSeconds;
  }
}
