import type sql from "mssql";
import { cellOf } from "./column-transport.js";
import type { Flavour, SqlFiles } from "./sql-files.js";

/** What was found out about the server when the connection was made. */
export interface ServerFacts {
  readonly flavour: Flavour;
  /** As the server says it: `16.0.1000.6`, with edition. */
  readonly version: string;
  /** 10 = 2008, 16 = 2022. */
  readonly majorVersion: number;
  /** 50 with major version 10 = 2008 R2. */
  readonly minorVersion: number;
  readonly edition: string;
  readonly compatibilityLevel: number;
  /** Whether a snapshot can be taken: without it a point is whole only when the journal is drained. */
  readonly isSnapshotAllowed: boolean;
  /** HASHBYTES takes more than 8,000 bytes: from SQL Server 2016 on. */
  readonly canHashLargeValues: boolean;
  /** Sequences came with SQL Server 2012. */
  readonly hasSequences: boolean;
  /** Whether the database may have an option by which commits do not wait for the disk: from SQL Server 2014 on. */
  readonly canDelayDurability: boolean;
}

export async function readServerFacts(pool: sql.ConnectionPool, files: SqlFiles): Promise<ServerFacts> {
  // This text is understood by every flavour.
  const answer = (await pool.request().query(files.text("sqlserver", "query/server"))) as unknown as {
    readonly recordsets: readonly (readonly (readonly unknown[])[])[];
  };
  const [version = "", edition = "", compatibility = "0", snapshot = "0", full = "", sequences = "0"] = (
    answer.recordsets[0]?.[0] ?? []
  ).map((value) => cellOf(value) ?? "");
  const isBabelfish = full.includes("Babelfish");
  return {
    flavour: isBabelfish ? "babelfish" : "sqlserver",
    version: isBabelfish ? (full.split("\n")[0] ?? "").trim() : `SQL Server ${version}, ${edition}`,
    majorVersion: Number.parseInt(version, 10),
    minorVersion: Number.parseInt(version.split(".")[1] ?? "0", 10),
    edition,
    compatibilityLevel: Number(compatibility),
    isSnapshotAllowed: isBabelfish || snapshot === "1",
    canHashLargeValues: isBabelfish || Number.parseInt(version, 10) >= 13,
    hasSequences: sequences === "1",
    canDelayDurability: !isBabelfish && Number.parseInt(version, 10) >= 12,
  };
}
