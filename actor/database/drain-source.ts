import { AppError } from "../../shared/core/app-error.js";
import type { DrainResult, SyncProgress } from "../sync-part.js";
import type { Prepared, SideIo } from "./side.js";
import type { SourceSide } from "./source-side.js";
import { findUnseenWrites } from "./unseen-writes.js";
import type { VerificationSchedule } from "./verification-schedule.js";

/** Whose last point is to be sent. */
export interface DrainedSource {
  readonly source: Pick<SourceSide, "sendOnce" | "send" | "countRows">;
  readonly prepared: Pick<Prepared, "tables"> | undefined;
  readonly schedule: Pick<VerificationSchedule, "verifyTables">;
}

/**
 * Source, closed: points until the journal stays empty, each of them applied; then, where triggers do not see all
 * writes, what they did not see, for nobody looks for it after the switch. Rejects with OPERATION_REFUSED while writers
 * are not refused, and with DATABASE_FAILED where the numbers of rows still differ.
 */
export async function drainSource(
  io: Pick<SideIo, "engine" | "settings" | "log">,
  drained: DrainedSource,
  signal: AbortSignal,
  onProgress?: (progress: SyncProgress) => void,
): Promise<DrainResult> {
  const { engine, settings, log } = io;
  const { source } = drained;
  const database = settings.name;
  if (!(await engine.isGateClosed(signal))) {
    throw new AppError("OPERATION_REFUSED", `database ${database}: writers are not refused, so no point is the last`);
  }
  let result = { changesSent: 0, bytesSent: 0 };
  const sendAll = async (): Promise<void> => {
    // Also when the journal looks empty: the target must be known to be a whole copy of this history.
    do {
      const sent = await source.sendOnce(signal, onProgress);
      result = { changesSent: result.changesSent + sent.changesSent, bytesSent: result.bytesSent + sent.bytesSent };
    } while ((await engine.countPending(1, signal)) > 0);
  };
  const findUnseen = (): Promise<readonly string[]> => findUnseenWrites((tables) => source.countRows(tables, signal));
  await sendAll();
  if (!engine.rowCounts) return result;
  const unseen = await findUnseen();
  if (unseen.length === 0) return result;
  log.error("database-unseen-writes", { database, tables: [...unseen] });
  // No other point waits, and what is not found now is not on the target after the switch.
  const readingLimitMs = undefined;
  const side = { tables: drained.prepared?.tables ?? [], readingLimitMs, send: source.send.bind(source, signal) };
  await drained.schedule.verifyTables(side, unseen, signal);
  await sendAll();
  const left = await findUnseen();
  if (left.length === 0) return result;
  const message = `database ${database}: ${left.join(", ")} has rows that no trigger saw, and they are not on the target`;
  throw new AppError("DATABASE_FAILED", message, {
    hint: "Run `sparesync database verify --repair`, then switch; databases[].repairDifferences does it by itself.",
  });
}
