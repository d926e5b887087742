import { errorCode, errorMessage } from "../../../shared/core/app-error.js";
import { tableLabel } from "../../core/journal-schema.js";
import type { InstallFinding } from "../engine.js";
import type { Row, Transaction } from "./connection.js";
import { schemaParameters, type EngineContext } from "./context.js";
import { quoteIdentifier, quoteTable } from "./quote-identifier.js";

/** A table with more rows is not checked by itself: the check keeps everybody else out as long as it runs. */
const largestCheckedRows = 100_000;
/** A table that is in use is tried as often; each try waits for it as long as any statement of ours. */
const triesWhileBusy = 3;

/**
 * A target's own triggers and foreign keys are disabled while it is one, each noted before, so that exactly those act
 * again after the promotion; those of tables that are not synchronised are left alone, but for foreign keys into synchronised ones,
 * which would act on what is applied there. `tables` are the labels of the synchronised ones; `holdOff` runs work that needs a table for
 * itself until it gets it.
 */
export async function silenceRules(
  context: EngineContext,
  tables: ReadonlySet<string>,
  holdOff: (table: string, doing: string, work: (transaction: Transaction) => Promise<void>) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { parts, values } = schemaParameters(context);
  const rules = await context.connection.transaction(
    { signal, doing: "read triggers and foreign keys" },
    (transaction) => transaction.query(transaction.text("gate/active-rules", parts), values),
  );
  const ofOurs = rules.filter(
    (rule) =>
      tables.has(labelOf(rule["schema"], rule["table"])) ||
      tables.has(labelOf(rule["points_schema"], rule["points_name"])),
  );
  for (const rule of ofOurs) {
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

/**
 * Foreign keys of small tables are checked in full, so that they are trusted as before. Resolves to those that are not, with
 * the statement for a person to run: of a large table, of one that is in use, and where a row points to nothing. All of them act on
 * what is written from now on, so that nothing waits for them.
 */
export async function trustForeignKeys(
  context: EngineContext,
  signal: AbortSignal,
): Promise<readonly InstallFinding[]> {
  const keys = await context.connection.transaction({ signal, doing: "read foreign keys" }, (transaction) =>
    transaction.query(transaction.text("promote/distrusted")),
  );
  const findings: InstallFinding[] = [];
  for (const key of keys) {
    const rows = Number(key["rows"] ?? 0);
    const because =
      rows > largestCheckedRows ? `it has ${String(rows)} rows to be checked` : await checkRows(context, key, signal);
    if (because !== "") findings.push(distrustedFinding(key, because));
  }
  return findings;
}

/** Why its rows could not be checked, "" when they were. Rejects when nothing can be asked any more. */
async function checkRows({ connection }: EngineContext, key: Row, signal: AbortSignal): Promise<string> {
  const { table, name } = namesOf(key);
  const noted = ["schema", "table", "name"].map((column) => key[column] ?? "");
  for (let tried = 1; ; tried++) {
    try {
      await connection.transaction({ signal, doing: `check ${name} of ${table}` }, async (transaction) => {
        await transaction.batch(transaction.text("promote/trust-foreign-key", { table, name }));
        await transaction.query(transaction.text("promote/forget-distrusted"), noted);
      });
      return "";
    } catch (error) {
      const code = errorCode(error);
      // Without a code it is a mistake of ours; these two leave nothing to go on with.
      if (code === undefined || code === "DATABASE_UNREACHABLE" || code === "ABORTED") throw error;
      if (code !== "DATABASE_BUSY" || tried === triesWhileBusy) return errorMessage(error);
    }
  }
}

function distrustedFinding(key: Row, because: string): InstallFinding {
  const { table, name } = namesOf(key);
  return {
    severity: "warning",
    message: `the foreign key ${name} of ${table} acts on what is written, and the server does not trust it for the rows that are there: ${because}`,
    hint: `when the table may be locked for as long as its rows are read, run ALTER TABLE ${table} WITH CHECK CHECK CONSTRAINT ${name}`,
  };
}

/** A trigger points nowhere. */
function labelOf(schema = "" as string | null, name = "" as string | null): string {
  return tableLabel({ schema: schema ?? "", name: name ?? "" });
}

function namesOf(rule: Row): { readonly table: string; readonly name: string } {
  return {
    table: quoteTable({ schema: rule["schema"] ?? "", name: rule["table"] ?? "" }),
    name: quoteIdentifier(rule["name"] ?? ""),
  };
}
