import { schemaParameters, type EngineContext } from "./context.js";

/**
 * See DatabaseEngine.readFingerprint. No trigger sees that ALTER TABLE writes the rows of a table anew, so it is looked for
 * here, where each look of the loop comes by: such a table gets another mark, which makes another fingerprint (decision 0049).
 */
export async function readFingerprint(context: EngineContext, signal: AbortSignal): Promise<string> {
  const { connection, sql, newId } = context;
  const { parts, values } = schemaParameters(context);
  const { found, lookedAt } = await connection.transaction(
    { signal, doing: "look for changes of the schema" },
    async (transaction) => {
      const look = async (): Promise<{ readonly fingerprint: string; readonly stored: string }> => {
        const [row] = await transaction.query(sql.text("query/schema-and-storage", parts), values);
        return { fingerprint: row?.["fingerprint"] ?? "", stored: row?.["stored"] ?? "" };
      };
      const before = await look();
      if (placeOf(before) === context.lookedAt) return { found: before, lookedAt: context.lookedAt };
      await transaction.query(sql.text("install/note-rewritten"), [newId(), null]);
      const after = await look();
      // What was stored anew since the first look may not have been noted.
      return { found: after, lookedAt: placeOf({ ...after, stored: before.stored }) };
    },
  );
  context.lookedAt = lookedAt;
  return found.fingerprint;
}

function placeOf({ fingerprint, stored }: { readonly fingerprint: string; readonly stored: string }): string {
  return `${fingerprint} ${stored}`;
}
