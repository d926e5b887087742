import { z } from "zod";
import { expressionWords } from "./expression-words.js";

/** What stands beside the columns of a table and decides over a write of the application, or goes on with it. */
const constraintForm = z.object({
  /** unique, check, exclusion, foreign-key, default or trigger; a newer server may know more. */
  kind: z.string(),
  /** As its catalogue names it; of a default its column. Two servers may give the same constraint two names. */
  name: z.string(),
  /** As its catalogue writes it, without the name. */
  says: z.string(),
  /** Of a foreign key: label of the table that has the keys. */
  pointsTo: z.string().optional(),
});
export type TableConstraint = z.output<typeof constraintForm>;

/** By label of the table. `release`: whose words they are; another one may write the same constraint in other words. */
export const tableConstraints = z.object({
  release: z.string(),
  tables: z.record(z.string(), z.array(constraintForm)),
});
export type TableConstraints = z.output<typeof tableConstraints>;

export const noConstraints: TableConstraints = { release: "", tables: {} };

/** A constraint that the two sides have not alike. */
export interface OneSidedConstraint {
  readonly table: string;
  /** Of the target: it refuses rows that the source takes. */
  readonly isRefusing: boolean;
  /** Its name on the side that has it. */
  readonly name: string;
  readonly message: string;
}

/** Foreign keys do not act where rows are applied, neither do triggers. */
const refusingKinds: readonly string[] = ["unique", "check", "exclusion"];

/** The columns of an index without expression, predicate or anything else of its own: any release writes it like this. */
const plainUnique = /^UNIQUE \(([^()']*)\)$/;

/** What one side has and the other has not, or has otherwise: those first by which the target refuses rows. Only tables of both sides. */
export function compareConstraints(source: TableConstraints, target: TableConstraints): readonly OneSidedConstraint[] {
  const isSameRelease = source.release === target.release;
  const isComparable = ({ kind, says }: TableConstraint): boolean =>
    isSameRelease || kind === "foreign-key" || plainUnique.test(says);
  const found = Object.keys(source.tables).flatMap((table) => {
    const here = (source.tables[table] ?? []).filter(isComparable);
    const there = target.tables[table]?.filter(isComparable);
    return there ? compareTable(table, here, there) : [];
  });
  return [...found.filter(({ isRefusing }) => isRefusing), ...found.filter(({ isRefusing }) => !isRefusing)];
}

function compareTable(
  table: string,
  source: readonly TableConstraint[],
  target: readonly TableConstraint[],
): readonly OneSidedConstraint[] {
  const ofTarget = target.filter((one) => !isKept(one, source));
  const ofSource = source.filter((one) => !isKept(one, target));
  const namesake = (one: TableConstraint): TableConstraint | undefined =>
    ofSource.find(({ kind, name }) => kind === one.kind && name === one.name);
  const paired = new Set(ofTarget.map(namesake));
  return [
    ...ofTarget.map((one) => {
      const isRefusing = refusingKinds.includes(one.kind);
      return { table, isRefusing, name: one.name, message: sentenceOfTarget(table, one, namesake(one), isRefusing) };
    }),
    ...ofSource.flatMap((one) =>
      paired.has(one) ? [] : [{ table, isRefusing: false, name: one.name, message: sentenceOfSource(table, one) }],
    ),
  ];
}

/** What is unique over some columns is so over more of them. */
function isKept({ kind, says }: TableConstraint, others: readonly TableConstraint[]): boolean {
  const columns = columnsOf(says);
  return others.some((other) => {
    if (other.kind !== kind) return false;
    const fewer = columnsOf(other.says);
    return (
      expressionWords(other.says) === expressionWords(says) ||
      (columns !== undefined && fewer?.every((column) => columns.includes(column)) === true)
    );
  });
}

function columnsOf(says: string): readonly string[] | undefined {
  return plainUnique.exec(says)?.[1]?.split(", ");
}

function sentenceOfTarget(
  table: string,
  { name, says }: TableConstraint,
  namesake: TableConstraint | undefined,
  isRefusing: boolean,
): string {
  const sides = namesake
    ? `${table}: ${name} is "${says}" on the target and "${namesake.says}" on the source`
    : `${table}: the target alone has "${says}" (${name})`;
  return isRefusing
    ? `${sides}; the target refuses rows that the source takes, and a copy would not help: make both the same`
    : `${sides}; make both the same, or the application will behave otherwise after a failover`;
}

function sentenceOfSource(table: string, { name, says }: TableConstraint): string {
  return `${table}: the source alone has "${says}" (${name}); create it on the target as well, or it is lost with a failover`;
}

/** One line of a catalogue. */
export interface ConstraintRow {
  readonly table: string;
  readonly kind: string;
  readonly name: string;
  readonly says: string;
  /** One of the columns that it is about, which is then a line for each of them. */
  readonly part: string | undefined;
  readonly pointsTo: string | undefined;
}

/** Puts the lines of a catalogue together; a table without any is there, too. */
export function constraintsOf(
  release: string,
  labels: readonly string[],
  rows: readonly ConstraintRow[],
): TableConstraints {
  const tables = new Map(
    labels.map((label) => [label, new Map<string, ConstraintRow & { readonly parts: string[] }>()]),
  );
  for (const row of rows) {
    const known = tables.get(row.table);
    const id = JSON.stringify([row.kind, row.name]);
    const one = known?.get(id) ?? { ...row, parts: [] };
    if (row.part !== undefined) one.parts.push(row.part);
    known?.set(id, one);
  }
  const listOf = (known: ReadonlyMap<string, ConstraintRow & { readonly parts: string[] }>): TableConstraint[] =>
    [...known.values()].map(({ kind, name, says, parts, pointsTo }) => ({
      kind,
      name,
      says: `${listed(kind, parts)}${says}`,
      ...(pointsTo === undefined ? {} : { pointsTo }),
    }));
  return { release, tables: Object.fromEntries([...tables].map(([label, known]) => [label, listOf(known)])) };
}

function listed(kind: string, parts: readonly string[]): string {
  if (parts.length === 0) return "";
  return `${kind === "unique" ? "UNIQUE" : "FOREIGN KEY"} (${[...parts].sort().join(", ")})`;
}
