import type { TableSize } from "../../core/copy-progress.js";
import { tableLabel } from "../../core/journal-schema.js";
import { schemaParameters, type EngineContext } from "./context.js";

/** See DatabaseEngine.tableSizes. */
export async function tableSizes(context: EngineContext, signal: AbortSignal): Promise<readonly TableSize[]> {
  const { connection, sql } = context;
  const { parts, values } = schemaParameters(context);
  const rows = await connection.transaction({ signal, doing: "measure the tables" }, (transaction) =>
    transaction.query(sql.text("query/sizes-of-tables", parts), values),
  );
  return rows.map((row) => ({
    table: tableLabel({ schema: row["schema"] ?? "", name: row["name"] ?? "" }),
    rows: Number(row["rows"]),
    bytes: Number(row["bytes"]),
  }));
}
