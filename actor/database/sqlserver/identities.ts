import { AppError } from "../../../shared/core/app-error.js";
import { tableLabel } from "../../core/journal-schema.js";
import { journalledTables } from "../journalled-tables.js";
import type { Row, Transaction } from "./connection.js";
import { schemaParameters, type EngineContext } from "./context.js";
import { quoteIdentifier, quoteTable, quoteText } from "./quote-identifier.js";
import { tableSql } from "./table-sql.js";

/**
 * Identities and sequences go beyond what the old source gave out (also to rows rolled back), beyond every value, and never
 * back: what this database gave out itself when it served may be newer than the source's last word. That counts no more afterwards.
 */
export async function reseedIdentities(context: EngineContext, transaction: Transaction): Promise<void> {
  const { parts, values } = schemaParameters(context);
  for (const row of await transaction.query(transaction.text("promote/identities", parts), values)) {
    await reseedIdentity(context, transaction, row);
  }
  const sequences = transaction.server.hasSequences ? transaction.text("promote/sequence-objects", parts) : undefined;
  for (const row of sequences === undefined ? [] : await transaction.query(sequences, values)) {
    if (isAhead(row)) continue;
    const sequence = quoteTable({ schema: row["schema"] ?? "", name: row["name"] ?? "" });
    const { value, isUsedUp } = restartOf(row);
    await transaction.batch(transaction.text("promote/restart-sequence", { sequence, value: String(value) }));
    if (isUsedUp) await transaction.query(transaction.text("promote/use-up-sequence", { sequence }));
  }
  await transaction.query(transaction.text("promote/forget-sequences"));
}

/** One that begins again at its end follows the source's last word: of two places in a circle none is ahead. */
function isAhead(row: Row): boolean {
  const own = BigInt(row["own"] ?? "0") - BigInt(row["shipped"] ?? "0");
  const isUpwards = BigInt(row["increment"] ?? "1") > 0n;
  return row["is_cycling"] !== "1" && typeof row["own"] === "string" && (isUpwards ? own > 0n : own < 0n);
}

async function reseedIdentity(context: EngineContext, transaction: Transaction, row: Row): Promise<void> {
  const place = { schema: row["schema"] ?? "", name: row["table"] ?? "" };
  const journalled = journalledTables(context).get(tableLabel(place));
  // The identity of a table that is not synchronised belongs to this server alone.
  if (!journalled) return;
  const { table } = tableSql(journalled);
  const increment = BigInt(row["increment"] ?? "1");
  const furthest = increment < 0n ? "MIN" : "MAX";
  const column = quoteIdentifier(row["column_name"] ?? "");
  const found = await transaction.query(transaction.text("promote/furthest", { furthest, column, table }));
  const known = [found[0]?.["value"], row["shipped"], row["last_value"]].filter((each) => typeof each === "string");
  const value = furthestOf(known.map(BigInt), increment);
  if (value === undefined) return;
  const type = journalled.definition.columns.find(({ name }) => name === row["column_name"])?.baseType ?? "";
  // A table that has never had a row takes the new seed itself as its first value, any other one goes on after it.
  const seed = withinType(row["last_value"] === null ? value + increment : value, type);
  const plain = `'${tableLabel(place).replaceAll("'", "''")}'`;
  const parts = { table: quoteText(quoteTable(place)), plain, value: String(seed) };
  await transaction.batch(transaction.text("promote/set-identity", parts));
}

/** A reseed beyond what the type holds is refused, and the promotion with it. */
export function withinType(value: bigint, type: string): bigint {
  const [least, most] = limitsOf(type);
  return value < least ? least : value > most ? most : value;
}

/** "int, bigint, smallint, and tinyint", "decimal and numeric": the types that an identity may have. */
function limitsOf(type: string): readonly [bigint, bigint] {
  const digits = /^(?:decimal|numeric)\((\d+),/.exec(type)?.[1];
  if (digits !== undefined) return [-(10n ** BigInt(digits)) + 1n, 10n ** BigInt(digits) - 1n];
  const bits = { smallint: 15n, int: 31n, bigint: 63n }[type];
  if (bits !== undefined) return [-(2n ** bits), 2n ** bits - 1n];
  return type === "tinyint" ? [0n, 255n] : [-(10n ** 38n) + 1n, 10n ** 38n - 1n];
}

/** A sequence may be set only with rights of its own; see rehearsePromotion. */
export async function requireSequenceRights(context: EngineContext, transaction: Transaction): Promise<void> {
  const names = await refusedSequences(context, transaction);
  if (names.length === 0) return;
  const { name, user } = context.settings;
  const message = `database ${name}: ${user} may not set the sequences ${names.join(", ")}`;
  throw new AppError("DATABASE_REFUSED", message, { hint: grantOf(names, user) });
}

/** Quoted names of sequences that this login may not set. */
export async function refusedSequences(context: EngineContext, transaction: Transaction): Promise<readonly string[]> {
  if (!transaction.server.hasSequences) return [];
  const { parts, values } = schemaParameters(context);
  const rows = await transaction.query(transaction.text("promote/sequence-rights", parts), values);
  return rows.map((row) => row["sequence"] ?? "");
}

export function grantOf(sequences: readonly string[], user: string): string {
  const grants = sequences.map((name) => `GRANT ALTER, UPDATE ON OBJECT::${name} TO ${quoteIdentifier(user)}`);
  return `take back what is denied, or run ${grants.join("; ")}; the promotion would fail without`;
}

/**
 * Where a sequence goes on after the value that the source gave out last. RESTART WITH takes nothing beyond its limits: one that
 * cycles begins at its other end, any other one has given out its last value, which is taken once more so that nobody gets it.
 */
export function restartOf(row: Row): { readonly value: bigint; readonly isUsedUp: boolean } {
  const increment = BigInt(row["increment"] ?? "1");
  const next = BigInt(row["shipped"] ?? "0") + increment;
  const [minimum, maximum] = [BigInt(row["minimum"] ?? next), BigInt(row["maximum"] ?? next)];
  const [first, last] = increment > 0n ? [minimum, maximum] : [maximum, minimum];
  const isBefore = increment > 0n ? next < first : next > first;
  if (isBefore) return { value: first, isUsedUp: false };
  const isBeyond = increment > 0n ? next > last : next < last;
  if (!isBeyond) return { value: next, isUsedUp: false };
  return row["is_cycling"] === "1" ? { value: first, isUsedUp: false } : { value: last, isUsedUp: true };
}

/** The value that is furthest in the direction of the increment; `undefined` of none. */
export function furthestOf(values: readonly bigint[], increment: bigint): bigint | undefined {
  return values.reduce<bigint | undefined>((furthest, value) => {
    if (furthest === undefined) return value;
    return value > furthest === increment > 0n ? value : furthest;
  }, undefined);
}
