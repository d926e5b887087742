import { z } from "zod";
import type { Row, Transaction } from "./connection.js";
import { schemaParameters, type EngineContext } from "./context.js";

/** Where each column of a table stands, by name; one that is gone keeps its place. */
type Places = Readonly<Record<string, string>>;

const placesForm = z.record(z.string(), z.string());

/**
 * See DatabaseEngine.readFingerprint. No trigger sees that a column is dropped and another one of its name comes, so it is
 * looked for here: such a table gets another mark, which makes another fingerprint (decision 0049).
 */
export async function readFingerprint(context: EngineContext, signal: AbortSignal): Promise<string> {
  const { connection } = context;
  const options = { signal, doing: "look for changes of the schema" };
  const { found, lookedAt } = await connection.transaction(options, async (transaction) => {
    const before = await fingerprintOf(context, transaction);
    if (before === context.lookedAt) return { found: before, lookedAt: before };
    const isRenewed = await renewMarks(context, transaction);
    // What changes between two statements is found by the next look.
    return isRenewed
      ? { found: await fingerprintOf(context, transaction), lookedAt: undefined }
      : { found: before, lookedAt: before };
  });
  context.lookedAt = lookedAt;
  return found;
}

async function fingerprintOf(context: EngineContext, transaction: Transaction): Promise<string> {
  const { parts, values } = schemaParameters(context);
  const sequenceObjects = transaction.server.hasSequences
    ? `\n${transaction.text("query/fingerprint-of-sequences", parts)}`
    : "";
  const rows = await transaction.query(transaction.text("query/fingerprint", { ...parts, sequenceObjects }), values);
  const constraints = await transaction.query(transaction.text("query/fingerprint-of-constraints", parts), values);
  return `${rows[0]?.["fingerprint"] ?? ""}-${constraints[0]?.["fingerprint"] ?? ""}`;
}

/** True where a table has got another mark. */
async function renewMarks({ newId }: EngineContext, transaction: Transaction): Promise<boolean> {
  const tables = new Map<string, Row[]>();
  for (const row of await transaction.query(transaction.text("query/places-of-columns"))) {
    const n = row["n"] ?? "";
    tables.set(n, [...(tables.get(n) ?? []), row]);
  }
  let isRenewed = false;
  for (const [n, rows] of tables) {
    const present = Object.fromEntries(rows.map((row) => [row["column_name"] ?? "", row["column_id"] ?? ""]));
    const stored = rows[0]?.["places"] ?? null;
    const known: Places = stored === null ? {} : placesForm.parse(JSON.parse(stored));
    const places = { ...known, ...present };
    if (stored !== null && isSame(places, known)) continue;
    await transaction.query(transaction.text("install/note-places"), [Number(n), JSON.stringify(places)]);
    if (!hasMoved(known, present)) continue;
    isRenewed = true;
    await transaction.query(transaction.text("install/renew-mark-of"), [Number(n), `${newId()}-${n}`]);
  }
  return isRenewed;
}

/** A name that stands for another column than before. */
function hasMoved(known: Places, present: Places): boolean {
  return Object.entries(present).some(([name, place]) => Object.hasOwn(known, name) && known[name] !== place);
}

function isSame(one: Places, other: Places): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
