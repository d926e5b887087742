import { AppError } from "../../shared/core/app-error.js";
import { unshippedAnswer } from "../core/journal-messages.js";
import type { JournalState, Position } from "../core/journal-position.js";
import { isKeyless, keyNames, tableLabel, type TableDefinition } from "../core/journal-schema.js";
import { decodeBatch, keysOf, type JournalBatch } from "../core/journal-wire.js";
import { DivergenceFindings } from "./divergence-findings.js";
import type { AskTarget } from "./journal-reader.js";
import type { Prepared, SideIo } from "./side.js";

/**
 * Failback without a full copy. The target is the old source. What can differ are the keys in its journal (committed
 * there, never applied here) and those in ours since the promotion. What became of them here is written down first; then
 * its keys are journalled here; only when they are committed does the target clear its journal and follow us. Cut off
 * anywhere, it is done again with the same result.
 */
export async function handOverUnshipped(
  io: SideIo,
  prepared: Prepared,
  state: JournalState,
  adopted: readonly string[],
  ask: AskTarget,
  signal: AbortSignal,
): Promise<void> {
  const eachPage = await writeUnshipped(io, prepared, state.parent, ask, signal);
  await eachPage((batch, table) => journalAgain(io, batch, table, signal));
  const { own, held } = await io.engine.readMarks(signal);
  // Where the mark is not that of the promotion any more, not all that was written here since is in the journal.
  const isHeld = new Set(held);
  const marks = Object.fromEntries(
    Object.entries(own).filter(([label]) => adopted.includes(label) && isHeld.has(label)),
  );
  await ask("adopt", { marks }, signal);
}

type EachPage = (work: (batch: JournalBatch, table: TableDefinition) => Promise<void>) => Promise<void>;

/**
 * Writes down, once, what the target had committed and this server never applied, beside what stands here. `applied`: the
 * newest point of the target's history that was. Changes nothing on either side. Returns how to go through those keys.
 */
export async function writeUnshipped(
  io: SideIo,
  prepared: Prepared,
  applied: Position,
  ask: AskTarget,
  signal: AbortSignal,
): Promise<EachPage> {
  const parent = { parentPoint: applied.point, parentAttempt: applied.attempt };
  const { pages } = unshippedAnswer.parse((await ask("unshipped-keys", parent, signal)).fields);
  const tables = new Map(prepared.tables.map((table) => [tableLabel(table), table]));
  const eachPage: EachPage = async (work) => {
    for (let page = 0; page < pages; page += 1) {
      const { body } = await ask("unshipped-page", { page }, signal);
      const batch = decodeBatch(body ?? Buffer.alloc(0));
      const table = tables.get(batch.table);
      if (!table) throw new AppError("REQUEST_INVALID", `the target names the unknown table ${batch.table}`);
      await work(batch, table);
    }
  };
  const findings = new DivergenceFindings(io, applied.history);
  if (pages > 0 && !(await findings.isWritten())) {
    await eachPage((batch, table) => findings.add(batch, table, signal));
    await findings.finish();
  }
  return eachPage;
}

async function journalAgain(
  io: SideIo,
  batch: JournalBatch,
  table: TableDefinition,
  signal: AbortSignal,
): Promise<void> {
  // The target had emptied the table: every row here is one that it lacks.
  if (batch.kind === "truncated") return io.engine.touchAll(table, signal);
  // Every touched image of a table without a key comes as "gone"; its rows are for the report only.
  if (batch.kind === "rows" && isKeyless(table)) return undefined;
  return io.engine.touchKeys(table, keysOf(batch, keyNames(table)), signal);
}
