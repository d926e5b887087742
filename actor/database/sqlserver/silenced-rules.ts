import { errorCode } from "../../../shared/core/app-error.js";
import type { Row, Transaction } from "./connection.js";
import { schemaParameters, type EngineContext } from "./context.js";
import { quoteIdentifier, quoteTable } from "./quote-identifier.js";

/** A table with more rows is not checked by itself: the check keeps everybody else out as long as it runs. */
const largestCheckedRows = 100_000;

/**
 * A target's own triggers and foreign keys are disabled while it is one, each noted before, so that exactly those act
 * again after the promotion. `holdOff` runs work that needs a table for itself until it gets it.
 */
export async function silenceRules(
  context: EngineContext,
  holdOff: (table: string, doing: string, work: (transaction: Transaction) => Promise<void>) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { parts, values } = schemaParameters(context);
  const rules = await context.connection.transaction(
    { signal, doing: "read triggers and foreign keys" },
    (transaction) => transaction.query(transaction.text("gate/active-rules", parts), values),
  );
  for (const rule of rules) {
    const { table, name } = namesOf(rule);
    await holdOff(table, `silence ${name} of ${table}`, async (transaction) => {
      const noted = ["kind", "schema", "table", "name", "is_trusted"].map((column) => rule[column] ?? "");
      await transaction.query(transaction.text("gate/note-silenced"), noted);
      const file = rule["kind"] === "trigger" ? "gate/disable-trigger" : "gate/disable-foreign-key";
      await transaction.batch(transaction.text(file, { table, name }));
    });
  }
}

/** Lets everything act again that was silenced; foreign keys on new rows only, so that it takes no time. */
export async function restoreRules(transaction: Transaction): Promise<void> {
  for (const rule of await transaction.query(transaction.text("promote/silenced"))) {
    if (rule["kind"] === "distrusted") continue;
    const file = rule["kind"] === "trigger" ? "promote/enable-trigger" : "promote/enable-foreign-key";
    await transaction.batch(transaction.text(file, namesOf(rule)));
  }
  await transaction.batch(transaction.text("promote/forget-silenced"));
}

/** Foreign keys of small tables are checked in full, so that they are trusted as before; who is in use stays for later. */
export async function trustForeignKeys(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection } = context;
  const keys = await connection.transaction({ signal, doing: "read foreign keys" }, (transaction) =>
    transaction.query(transaction.text("promote/distrusted")),
  );
  for (const key of keys) {
    if (Number(key["rows"] ?? 0) > largestCheckedRows) continue;
    const { table, name } = namesOf(key);
    const noted = ["schema", "table", "name"].map((column) => key[column] ?? "");
    try {
      await connection.transaction({ signal, doing: `check ${name} of ${table}` }, async (transaction) => {
        await transaction.batch(transaction.text("promote/trust-foreign-key", { table, name }));
        await transaction.query(transaction.text("promote/forget-distrusted"), noted);
      });
    } catch (error) {
      if (errorCode(error) !== "DATABASE_BUSY") throw error;
    }
  }
}

function namesOf(rule: Row): { readonly table: string; readonly name: string } {
  return {
    table: quoteTable({ schema: rule["schema"] ?? "", name: rule["table"] ?? "" }),
    name: quoteIdentifier(rule["name"] ?? ""),
  };
}
