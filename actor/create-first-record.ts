import { AppError } from "../shared/core/app-error.js";
import type { ActorContext } from "./actor-context.js";
import type { OwnershipRecord } from "./core/ownership-record.js";
import { withReadyRecord } from "./core/readiness.js";
import { requireDistinctRoles } from "./managed-system-keeper.js";
import { ownershipClockMs } from "./ownership-clock.js";
import { learnRecord, noteConfirmation } from "./watch/note-confirmation.js";

/** Prerequisite "does not exist": an existing record, however old, is never overwritten (docs/ownership.md 4). */
export async function createFirstRecord(context: ActorContext, requestedBy: string): Promise<void> {
  const { ports, store, situation, server, signal } = context;
  if (store.facts.record) {
    throw new AppError("OPERATION_REFUSED", `a record of epoch ${store.facts.record.epoch} is known here already`);
  }
  if (server !== "primary") {
    throw new AppError("OPERATION_REFUSED", "the first record is created on the primary", {
      hint: "Run sparesync first-record on the primary; switch afterwards if the secondary is to serve.",
    });
  }
  requireDistinctRoles(context);
  const first: OwnershipRecord = { epoch: 1, active: server, operationId: ports.random.id() };
  // Kept before it is written: whoever reads the record first, this server knows it for its own.
  await store.change((facts) => withReadyRecord(facts, first.operationId));
  situation.updatesTotal += 1;
  const outcome = await ports.nameServer.claim(undefined, first, signal);
  if (outcome.kind !== "done") situation.updateFailuresTotal += 1;
  if (outcome.kind === "lost") {
    throw new AppError("OPERATION_REFUSED", `the update server has an ownership record already: ${outcome.because}`);
  }
  const askedAtMs = ownershipClockMs(context);
  const read = await ports.nameServer.readRecord(signal);
  if (read?.operationId !== first.operationId) {
    throw new AppError("OWNERSHIP_UNCLEAR", "the update server does not show the first record; try again");
  }
  // Before it is known: an owner that nobody has confirmed is fenced.
  noteConfirmation(context, askedAtMs, "update-server");
  await learnRecord(context, first, "update-server");
  situation.updatesTotal += 1;
  const published = await ports.nameServer.publish(first, signal);
  if (published.kind !== "done") {
    situation.updateFailuresTotal += 1;
    throw new AppError(
      "DNS_REFUSED",
      `the record was created, but the addresses were not published: ${published.because}`,
      {
        hint: "Check the update policy of the zone for the name itself; the next switchover publishes again.",
      },
    );
  }
  ports.log.info("first-record-created", { requestedBy, epoch: 1 });
}
