import type pg from "pg";
import type { SeededRandom } from "../simulation/seeded-random.js";

interface RandomColumn {
  readonly name: string;
  readonly type: string;
  readonly value: (random: SeededRandom) => string;
}

interface RandomTable {
  readonly name: string;
  /** Columns of the key, empty for a table without one. */
  readonly key: readonly RandomColumn[];
  readonly columns: readonly RandomColumn[];
  readonly parent: string | undefined;
}

/** A schema made of a seed: keys of all kinds, none, foreign keys, unique columns. */
export interface RandomSchema {
  readonly ddl: string;
  readonly tables: readonly RandomTable[];
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const words = ["a", "A", "ß", "x y", "'", "\\", "\t", "é\n", "", "long ".repeat(200)];
/** Few enough that the writers meet. */
const keyRange = 400;

const kinds: readonly Omit<RandomColumn, "name">[] = [
  { type: "integer", value: (random) => String(Math.floor(random.between(-1e6, 1e6))) },
  { type: "text", value: (random) => quote(random.pick(words) + random.id()) },
  { type: "numeric(20,6)", value: (random) => random.between(-1e9, 1e9).toFixed(6) },
  { type: "timestamptz", value: (random) => `to_timestamp(${random.between(0, 2e9).toFixed(3)})` },
  {
    type: "jsonb",
    value: (random) => quote(JSON.stringify({ a: random.pick(words), n: Math.floor(random.between(0, 9)) })),
  },
  { type: "bytea", value: (random) => `decode('${Buffer.from(random.id()).toString("hex")}00ff', 'hex')` },
  { type: "boolean", value: (random) => (random.chance(0.5) ? "true" : "NULL") },
  { type: "double precision", value: (random) => String(random.between(-1, 1)) },
];

const number = (random: SeededRandom): string => String(Math.floor(random.between(0, keyRange)));
const keyKinds: readonly (readonly Omit<RandomColumn, "name">[])[] = [
  [{ type: "integer", value: number }],
  [{ type: "bigint", value: number }],
  [{ type: "varchar(60)", value: (random) => quote(`k${number(random)}`) }],
  [
    { type: "integer", value: (random) => String(Math.floor(random.between(0, 20))) },
    { type: 'text COLLATE "C"', value: (random) => quote(`p${Math.floor(random.between(0, 20))}`) },
  ],
  [{ type: "uuid", value: (random) => `md5('${number(random)}')::uuid` }],
  [],
];

export function randomSchema(random: SeededRandom): RandomSchema {
  const tables = keyKinds.map((key, at): RandomTable => {
    const name = `t${at}`;
    const count = 1 + Math.floor(random.between(0, 4));
    const columns = Array.from({ length: count }, (_, index) => ({ ...random.pick(kinds), name: `c${index}` }));
    const parent = key.length === 1 && at > 0 && random.chance(0.5) ? "t0" : undefined;
    return { name, key: key.map((each, index) => ({ ...each, name: `k${index}` })), columns, parent };
  });
  const ddl = tables.map((table) => {
    const columns = [
      ...table.key.map(({ name, type }) => `${name} ${type} NOT NULL`),
      ...table.columns.map(({ name, type }) => `${name} ${type}`),
    ];
    const key = table.key.length > 0 ? [`PRIMARY KEY (${table.key.map(({ name }) => name).join(", ")})`] : [];
    const parent = table.parent === undefined ? [] : [`parent integer REFERENCES ${table.parent} ON DELETE CASCADE`];
    return `CREATE TABLE ${table.name}(${[...columns, ...parent, ...key].join(", ")})`;
  });
  // Each transaction writes its number down twice: once under a key, once where a doubled row would stay.
  ddl.push(
    "CREATE TABLE ledger(writer integer, n integer, PRIMARY KEY (writer, n))",
    "CREATE TABLE ledger_keyless(writer integer, n integer)",
  );
  return { ddl: ddl.join("; "), tables };
}

/** One statement that the table may take or refuse (a duplicate key, a missing parent). */
export function randomStatement(random: SeededRandom, { tables }: RandomSchema): string {
  const table = random.pick(tables);
  const choice = random.next();
  if (choice < 0.004) return `TRUNCATE ${table.name} CASCADE`;
  if (choice < 0.45) return insertOf(random, table);
  const column = random.pick(table.columns);
  const where = whereOf(random, table);
  if (choice < 0.7) return `UPDATE ${table.name} SET ${column.name} = ${column.value(random)} WHERE ${where}`;
  if (choice < 0.82 && table.key.length > 0) {
    const part = random.pick(table.key);
    return `UPDATE ${table.name} SET ${part.name} = ${part.value(random)} WHERE ${where}`;
  }
  return `DELETE FROM ${table.name} WHERE ${where}`;
}

function insertOf(random: SeededRandom, table: RandomTable): string {
  const columns = [...table.key, ...table.columns];
  const names = columns.map(({ name }) => name).join(", ");
  const rows = Array.from(
    { length: 1 + Math.floor(random.between(0, 8)) },
    () => `(${columns.map((column) => column.value(random)).join(", ")})`,
  );
  return `INSERT INTO ${table.name}(${names}) VALUES ${rows.join(", ")} ON CONFLICT DO NOTHING`;
}

function whereOf(random: SeededRandom, table: RandomTable): string {
  const [first] = table.key;
  if (!first)
    return `ctid IN (SELECT ctid FROM ${table.name} ORDER BY random() LIMIT ${Math.ceil(random.between(0, 3))})`;
  return `${first.name} = ${first.value(random)}`;
}

/** What a writer knows to be committed, and what may or may not be: the answer to its COMMIT was lost. */
export interface WriterLedger {
  readonly committed: Set<number>;
  readonly unclear: Set<number>;
}

/** One random transaction of a writer; `n` is its number. Rejects only when the connection is lost. */
export async function writeRandomly(
  client: pg.Client,
  random: SeededRandom,
  schema: RandomSchema,
  writer: number,
  n: number,
  ledger: WriterLedger,
): Promise<void> {
  await client.query("BEGIN");
  try {
    const count = 1 + Math.floor(random.between(0, 6));
    for (let at = 0; at < count; at += 1) {
      await client.query("SAVEPOINT s");
      await client.query(randomStatement(random, schema)).catch(async (error: unknown) => {
        // A refused statement is part of the workload; a deadlock or a lost connection ends the transaction.
        if (!/^(23|22|0A)/.test(codeOf(error))) throw error;
        await client.query("ROLLBACK TO SAVEPOINT s");
      });
    }
    await client.query(
      `INSERT INTO ledger VALUES (${writer}, ${n}); INSERT INTO ledger_keyless VALUES (${writer}, ${n})`,
    );
    if (random.chance(0.15)) {
      await client.query("ROLLBACK");
      return;
    }
  } catch (error) {
    await client.query("ROLLBACK");
    if (!/^(40|55|57014)/.test(codeOf(error))) throw error;
    return;
  }
  ledger.unclear.add(n);
  await client.query("COMMIT");
  ledger.unclear.delete(n);
  ledger.committed.add(n);
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
