import type { TableDefinition } from "../../actor/core/journal-schema.js";
import type { Cell } from "../../actor/core/journal-wire.js";
import { SqlServerConnection } from "../../actor/database/sqlserver/connection.js";
import { insertRows } from "../../actor/database/sqlserver/point-applier.js";
import { createStage, dropStage, fillStage } from "../../actor/database/sqlserver/staging.js";
import { tableSql } from "../../actor/database/sqlserver/table-sql.js";
import { addressVariable, createSqlServerPair, sqlServerAddress } from "../../test/support/sqlserver-server.js";
import { ours, type BenchCase, type BenchPlace, type OpenCase, type Sample } from "../bench.js";

const rowByRow = "row by row";
/** Rows of one batch on the link. */
const batchRows = 4096;

const rest = { collation: "", isNotNull: true, identity: "", isGenerated: false } as const;
const table: TableDefinition = {
  schema: "dbo",
  name: "measured",
  columns: [
    { name: "id", type: "int", baseType: "int", ...rest },
    { name: "name", type: "nvarchar(40)", baseType: "nvarchar(40)", ...rest },
    { name: "total", type: "decimal(18,4)", baseType: "decimal(18,4)", ...rest },
    { name: "at", type: "datetime2(6)", baseType: "datetime2(6)", ...rest },
    { name: "n", type: "bigint", baseType: "bigint", ...rest },
    { name: "f", type: "float", baseType: "float", ...rest },
  ],
  keyColumns: ["id"],
};

/** The target: staged bulk loads and one INSERT … SELECT, against one parametrised INSERT for each row. */
export const stagedApply: BenchCase = {
  name: "staged-apply",
  title: "time to write 1,000 rows of six columns into a target over TDS, in one transaction",
  goals: [{ measure: "secondsPerThousandRows", unit: "seconds", peer: rowByRow, target: 0.025 }],
  missing: () => (sqlServerAddress() ? undefined : `no TDS server is given in ${addressVariable}`),
  open,
};

async function open({ scale, note }: BenchPlace): Promise<OpenCase> {
  const address = sqlServerAddress();
  if (!address) throw new TypeError(`no TDS server is given in ${addressVariable}`);
  const pair = await createSqlServerPair(address);
  note(pair.version);
  const application = await pair.connect(0);
  await application.run(
    "CREATE TABLE measured(id int NOT NULL PRIMARY KEY, name nvarchar(40) NOT NULL, total decimal(18, 4) NOT NULL, at datetime2(6) NOT NULL, n bigint NOT NULL, f float NOT NULL)",
  );
  const [settings] = pair.settings;
  const connection = new SqlServerConnection({
    settings,
    readSecret: () => Promise.resolve(address.password),
    newId: () => "bench",
  });
  const rows = Math.max(batchRows, Math.round(100_000 * scale));
  const singleRows = Math.max(200, Math.round(2_000 * scale));
  const measure = async (contender: string): Promise<Sample> => {
    await application.run("TRUNCATE TABLE measured");
    const count = contender === ours ? rows : singleRows;
    const signal = new AbortController().signal;
    // The first statements of a session, which are slower, are not what is measured.
    await connection.transaction({ signal, doing: "measure" }, (transaction) => transaction.batch("SELECT 1 AS one"));
    const seconds = contender === ours ? await writeStaged(connection, count) : await writeSingly(connection, count);
    const [[written] = []] = await application.rows("SELECT COUNT(*) FROM measured");
    if (Number(written) !== count) throw new Error(`${contender} wrote ${written ?? "nothing"} of ${count} rows`);
    return { secondsPerThousandRows: (seconds * 1000) / count, rowsPerSecond: count / seconds };
  };
  return {
    measure,
    close: async () => {
      await connection.close();
      await application.close();
      await pair.close();
    },
  };
}

function rowAt(id: number): readonly Cell[] {
  const second = String(id % 60).padStart(2, "0");
  return [
    String(id),
    `name of row ${id}`,
    `${id}.1234`,
    `2024-02-29 12:34:${second}.123456`,
    String(id * 1_000_000),
    `${id}.5`,
  ];
}

async function writeStaged(connection: SqlServerConnection, count: number): Promise<number> {
  const begin = performance.now();
  const signal = new AbortController().signal;
  await connection.transaction({ signal, doing: "measure", isReplica: true }, async (transaction) => {
    const journalled = { n: 1, definition: table };
    const stage = await createStage(transaction, journalled, "rows", tableSql(journalled).columns);
    for (let at = 0; at < count; at += batchRows) {
      const length = Math.min(batchRows, count - at);
      await fillStage(
        transaction,
        stage,
        Array.from({ length }, (_, index) => rowAt(at + index)),
      );
    }
    await insertRows(transaction, stage);
    await dropStage(transaction, stage);
  });
  return (performance.now() - begin) / 1000;
}

async function writeSingly(connection: SqlServerConnection, count: number): Promise<number> {
  const begin = performance.now();
  const signal = new AbortController().signal;
  const insert =
    "INSERT INTO dbo.measured (id, name, total, at, n, f) VALUES (CAST(@p1 AS int), @p2, CAST(@p3 AS decimal(18, 4)), CONVERT(datetime2(6), @p4, 121), CAST(@p5 AS bigint), CAST(@p6 AS float))";
  await connection.transaction({ signal, doing: "measure", isReplica: true }, async (transaction) => {
    for (let id = 0; id < count; id += 1) await transaction.query(insert, rowAt(id));
  });
  return (performance.now() - begin) / 1000;
}
