import { describe, expect, test } from "@jest/globals";
import { installationOf } from "../../../../actor/database/sqlserver/install.js";
import { SqlFiles, type Flavour } from "../../../../actor/database/sqlserver/sql-files.js";
import { tableSql } from "../../../../actor/database/sqlserver/table-sql.js";
import type { ColumnDefinition, TableDefinition } from "../../../../actor/core/journal-schema.js";

function column(name: string, baseType: string, changes: Partial<ColumnDefinition> = {}): ColumnDefinition {
  const rest = { type: baseType, collation: "", isNotNull: true, identity: "", isGenerated: false } as const;
  return { name, baseType, ...rest, ...changes };
}

const orders: TableDefinition = {
  schema: "dbo",
  name: "Order's ]odd[ 100%",
  columns: [
    column("No", "int", { identity: "always" }),
    column("Country", "varchar(2)", { collation: "Latin1_General_CI_AS" }),
    column("Total", "decimal(18,4)", { isNotNull: false }),
    column("stamp", "timestamp", { isGenerated: true }),
  ],
  keyColumns: ["Country", "No"],
};
const keyless: TableDefinition = { ...orders, name: "Log", keyColumns: [] };

function textsFor(definition: TableDefinition, flavour: Flavour): readonly string[] {
  const files = new SqlFiles();
  return installationOf({ n: 7, definition }).map(({ file, parts }) => files.text(flavour, file, parts));
}

describe("what is installed for a table", () => {
  test("a journal of its keys in their own types and collations, ordered by rowversion, without an identity", () => {
    expect(textsFor(orders, "sqlserver")[0])
      .toBe(`CREATE TABLE sparesync.j_7 (rv rowversion NOT NULL, k1 varchar(2) COLLATE Latin1_General_CI_AS NULL, k2 int NULL);
CREATE UNIQUE CLUSTERED INDEX by_time ON sparesync.j_7 (rv);
ALTER TABLE sparesync.j_7 SET (LOCK_ESCALATION = DISABLE);
GRANT INSERT ON sparesync.j_7 TO public;`);
  });

  test("on Babelfish the journal is ordered by transactions", () => {
    expect(textsFor(orders, "babelfish")[0])
      .toBe(`CREATE TABLE sparesync.j_7 (rv bigint NOT NULL DEFAULT (txid_current()), k1 varchar(2) COLLATE Latin1_General_CI_AS NULL, k2 int NULL);
GRANT INSERT ON sparesync.j_7 TO public;`);
  });

  test("a trigger that notes keys, lets our own session pass and leaves row counts and ROWCOUNT alone", () => {
    const texts = textsFor(orders, "sqlserver");
    expect(texts[1])
      .toBe(`CREATE TRIGGER [dbo].[sparesync_capture_7] ON [dbo].[Order's ]]odd[ 100%] AFTER INSERT, UPDATE, DELETE AS
BEGIN
  IF CAST(CONTEXT_INFO() AS binary(8)) = 0x535041524553594E RETURN;
  SET NOCOUNT ON;
  SET ROWCOUNT 0;
  IF EXISTS (SELECT 1 FROM inserted)
  BEGIN
    INSERT INTO sparesync.j_7 (k1, k2) SELECT i.[Country], i.[No] FROM inserted i;
    IF (UPDATE([Country]) OR UPDATE([No])) AND EXISTS (SELECT 1 FROM deleted)
      INSERT INTO sparesync.j_7 (k1, k2) SELECT d.[Country], d.[No] FROM deleted d
      WHERE NOT EXISTS (SELECT 1 FROM inserted i WHERE i.[Country] = d.[Country] AND i.[No] = d.[No]);
  END
  ELSE
    INSERT INTO sparesync.j_7 (k1, k2) SELECT d.[Country], d.[No] FROM deleted d;
END`);
  });

  test("a gate whose message is one literal, whatever the table is called", () => {
    const texts = textsFor(orders, "sqlserver");
    expect(texts[2]).toContain("RAISERROR(N'SpareSync: this is the standby");
    expect(texts[2]).toContain("may not write to dbo.Order''s ]odd[ 100%%.', 16, 1)");
    expect(texts[2]).toContain("ROLLBACK TRANSACTION");
  });

  test("for a table without a key, images of the rows before and after", () => {
    const trigger = textsFor(keyless, "sqlserver")[1];
    const digest = (alias: string): string =>
      [
        `ISNULL(CAST(CAST(CAST(HASHBYTES('SHA1', CAST(${alias}.[Country] AS nvarchar(2))) AS binary(8)) AS bigint) AS varchar(20)), '~')`,
        `ISNULL(CAST(${alias}.[No] AS varchar(20)), '~')`,
        `ISNULL(CAST(${alias}.[Total] AS varchar(60)), '~')`,
      ].join(" + '|' + ");
    const image = (alias: string): string => `CAST(HASHBYTES('SHA1', ${digest(alias)}) AS varbinary(20))`;
    expect(trigger).toContain(`INSERT INTO sparesync.j_7 (k1) SELECT ${image("i")} FROM inserted i;`);
    expect(trigger).toContain(`INSERT INTO sparesync.j_7 (k1) SELECT ${image("d")} FROM deleted d;`);
  });

  test("the order of the columns changes nothing in what names or sums a row", () => {
    const turned = { ...keyless, columns: [...keyless.columns].reverse() };
    const parts = [keyless, turned].map((definition) => tableSql({ n: 1, definition }));
    expect(parts[1]?.hash).toBe(parts[0]?.hash);
    expect(parts[1]?.keys[0]?.of("t")).toBe(parts[0]?.keys[0]?.of("t"));
  });

  test("a row of a thousand columns is summed in pieces of at most 8,000 bytes", () => {
    const wide = Array.from({ length: 1000 }, (_, at) => column(`c${at}`, "int"));
    const { hash } = tableSql({ n: 1, definition: { ...orders, columns: wide, keyColumns: [] } });
    expect(hash.match(/HASHBYTES/g)).toHaveLength(11);
  });
});
