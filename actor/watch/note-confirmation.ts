import type { ActorContext } from "../actor-context.js";
import type { OwnershipRecord } from "../core/ownership-record.js";

/** Ownership is confirmed as of the moment at which the question was sent, never of the answer (docs/ownership.md 2). */
export function noteConfirmation(context: ActorContext, askedAtMs: number, source: "update-server" | "peer"): void {
  const { situation } = context;
  if (situation.confirmedAtMs !== undefined && situation.confirmedAtMs >= askedAtMs) return;
  situation.confirmedAtMs = askedAtMs;
  situation.confirmedBy = source;
}

/**
 * Keeps a record with a higher epoch than known. It comes from the update server, or from the peer, which tells only
 * what it has read there.
 */
export async function learnRecord(context: ActorContext, record: OwnershipRecord, source: string): Promise<void> {
  const { store, ports } = context;
  const known = store.facts.record;
  if (known && record.epoch <= known.epoch) return;
  await store.change((facts) => (facts.record && record.epoch <= facts.record.epoch ? facts : { ...facts, record }));
  ports.log.info("ownership-record-learned", {
    epoch: record.epoch,
    active: record.active,
    operation: record.operationId,
    source,
  });
}

/** Why this server may not serve by the word of another name server; undefined: it may, or was confirmed since. */
export function refutedBecause({ situation }: ActorContext): string | undefined {
  const { refutation, confirmedAtMs } = situation;
  if (!refutation || (confirmedAtMs !== undefined && confirmedAtMs >= refutation.atMs)) return undefined;
  return refutation.because;
}
