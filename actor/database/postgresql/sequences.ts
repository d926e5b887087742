import { AppError } from "../../../shared/core/app-error.js";
import { tableLabel } from "../../core/journal-schema.js";
import { journalledTables } from "../journalled-tables.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { tableSql } from "./table-sql.js";

/**
 * Sequences go beyond what the old source gave out (also to rows that were rolled back), beyond every value, and never back:
 * what this database gave out itself when it served may be newer than the source's last word. That counts no more afterwards.
 */
export async function reseedSequences(context: EngineContext, transaction: Transaction): Promise<void> {
  const { sql, settings } = context;
  for (const row of await transaction.query(sql.text("promote/sequences"), [settings.schemas])) {
    const isDescending = Number(row["increment"]) < 0;
    await transaction.query(
      sql.text("promote/set-sequence", {
        furthest: isDescending ? "least" : "greatest",
        largest: largestOf(context, row, isDescending),
      }),
      [row["sequence"] ?? null, row["shipped"] ?? null],
    );
  }
  await transaction.query(sql.text("promote/forget-sequences"));
}

function largestOf(context: EngineContext, row: Row, isDescending: boolean): string {
  const column = row["owner_column"];
  const owner = tableLabel({ schema: row["owner_schema"] ?? "", name: row["owner_table"] ?? "" });
  const table = journalledTables(context).get(owner);
  // The column of a table that is not synchronised belongs to this server alone, and so does its sequence.
  if (typeof column !== "string" || !table) return "NULL::bigint";
  const furthest = isDescending ? "min" : "max";
  return `(SELECT ${furthest}(${quoteIdentifier(column)})::bigint FROM ONLY ${tableSql(table).table})`;
}

/** What is set of a sequence is never undone, so that a rehearsal can but ask whether it might be. */
export async function requireSequenceRights({ sql, settings }: EngineContext, transaction: Transaction): Promise<void> {
  const rows = await transaction.query(sql.text("promote/refused-sequences"), [settings.schemas]);
  if (rows.length === 0) return;
  const names = rows.map((row) => row["sequence"] ?? "").join(", ");
  throw new AppError(
    "DATABASE_REFUSED",
    `database ${settings.name}: ${settings.user} may not set the sequences ${names}`,
    {
      hint: `GRANT SELECT, UPDATE ON SEQUENCE ${names} TO ${settings.user}; the promotion would fail without.`,
    },
  );
}
