import { unshippedAnswer } from "../core/journal-messages.js";
import type { JournalState } from "../core/journal-position.js";
import { tableLabel } from "../core/journal-schema.js";
import { decodeBatch, keysOf } from "../core/journal-wire.js";
import type { AskTarget } from "./journal-reader.js";
import type { Prepared, SideIo } from "./side.js";

/**
 * Failback without a full copy. The target is the old source. What can differ are the keys in its journal (committed
 * there, never applied here) and those in ours since the promotion. Its keys are journalled here; only when they are
 * committed does the target clear its journal and follow us. Cut off anywhere, it is done again with the same result.
 */
export async function handOverUnshipped(
  io: SideIo,
  prepared: Prepared,
  state: JournalState,
  ask: AskTarget,
  signal: AbortSignal,
): Promise<void> {
  const parent = { parentPoint: state.parent.point, parentAttempt: state.parent.attempt };
  const { pages } = unshippedAnswer.parse((await ask("unshipped-keys", parent, signal)).fields);
  const tables = new Map(prepared.tables.map((table) => [tableLabel(table), table]));
  for (let page = 0; page < pages; page += 1) {
    const { body } = await ask("unshipped-page", { page }, signal);
    const batch = decodeBatch(body ?? Buffer.alloc(0));
    const table = tables.get(batch.table);
    if (!table) throw new TypeError(`the target names the unknown table ${batch.table}`);
    // The target had emptied the table: every row here is one that it lacks.
    if (batch.kind === "truncated") await io.engine.touchAll(table, signal);
    else await io.engine.touchKeys(table, keysOf(batch, table.keyColumns), signal);
  }
  await ask("adopt", {}, signal);
}
