import { z } from "zod";
import { tableLabel, tableMark } from "../../core/journal-schema.js";
import type { Installation } from "../engine.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";

const shapeForm = z.array(z.string());
const gateForm = z.enum(["open", "closed", "missing"]);

/** Version of what is created in the database. */
export const schemaVersion = 4;

/** A table as the schema sparesync has noted it. */
export interface InstalledRow {
  readonly n: number;
  readonly label: string;
  readonly schema: string;
  readonly name: string;
  readonly keyShape: string;
  readonly journalMark: string;
  readonly shape: readonly string[];
  readonly gate: z.output<typeof gateForm>;
  readonly brokenBecause: string;
}

export interface Installed {
  /** 0 when there is nothing. */
  readonly version: number;
  readonly mode: string;
  readonly isCaptureOff: boolean;
  /** True when it was SpareSync that allowed snapshots. */
  readonly isSnapshotOurs: boolean;
  readonly tables: readonly InstalledRow[];
}

const nothing: Installed = { version: 0, mode: "open", isCaptureOff: false, isSnapshotOurs: false, tables: [] };

export async function readInstalled(context: EngineContext, signal: AbortSignal): Promise<Installed> {
  return context.connection.transaction({ signal, doing: "read what is installed" }, installedOf);
}

export async function installedOf(transaction: Transaction): Promise<Installed> {
  const [present] = await transaction.query(transaction.text("install/is-installed"));
  if (present?.["is_installed"] !== "1") return nothing;
  const [meta] = await transaction.query(transaction.text("install/version"));
  const version = Number(meta?.["version"]);
  // Of a newer version only this is known; the installation refuses it.
  const isKnown = version <= schemaVersion;
  const rows = isKnown ? await transaction.query(transaction.text("query/installed")) : [];
  return {
    version,
    mode: meta?.["mode"] ?? "open",
    isCaptureOff: (meta?.["capture_off_because"] ?? "") !== "",
    isSnapshotOurs: meta?.["is_snapshot_ours"] === "1",
    tables: rows.map(installedRow),
  };
}

function installedRow(row: Row): InstalledRow {
  const gate = gateForm.parse(row["gate"]);
  const schema = row["schema"] ?? "";
  const name = row["name"] ?? "";
  return {
    n: Number(row["n"]),
    label: tableLabel({ schema, name }),
    schema,
    name,
    keyShape: row["key_shape"] ?? "",
    journalMark: row["mark"] ?? "",
    shape: shapeForm.parse(JSON.parse(row["shape"] ?? "[]")),
    gate,
    brokenBecause: brokenBecause(row["capture_triggers"] === "1", gate),
  };
}

function brokenBecause(isCaptured: boolean, gate: InstalledRow["gate"]): string {
  if (!isCaptured) return "its capture trigger or its journal is missing or switched off";
  return gate === "missing" ? "its write gate is missing" : "";
}

/** See DatabaseEngine.readInstallation. */
export async function readInstallation(context: EngineContext, signal: AbortSignal): Promise<Installation> {
  const { version, tables } = await readInstalled(context, signal);
  return {
    isCurrent: version === schemaVersion,
    tables: tables.map(({ label, shape, journalMark, brokenBecause: because }) => ({
      label,
      shape,
      mark: tableMark(journalMark, shape),
      brokenBecause: because,
    })),
  };
}
