import { z } from "zod";
import { tableLabel, tableMark } from "../../core/journal-schema.js";
import type { Installation, InstallFinding } from "../engine.js";
import type { Row, Transaction } from "./connection.js";
import { schemaParameters, type EngineContext } from "./context.js";

const shapeForm = z.array(z.string());
/** insert, update, delete, moved, truncate; a table without a key has no update trigger besides "moved". */
const captureTriggers = 5;
const keylessTriggers = 4;

/** Version of what is created in the database. */
export const schemaVersion = 10;
/** What `install/upgrade` brings to it. What is older was never given to anybody, and is replaced. */
export const upgradedVersion = 4;

/** A table as the schema sparesync has noted it. */
export interface InstalledRow {
  readonly n: number;
  readonly label: string;
  readonly schema: string;
  readonly name: string;
  readonly keyShape: string;
  readonly journalMark: string;
  readonly shape: readonly string[];
  readonly gate: "open" | "closed" | "missing";
  readonly brokenBecause: string;
}

export interface Installed {
  /** 0 when there is nothing. */
  readonly version: number;
  readonly mode: string;
  readonly isCaptureOff: boolean;
  readonly canGuard: boolean;
  readonly isGuarded: boolean;
  readonly tables: readonly InstalledRow[];
}

export async function readInstalled(context: EngineContext, signal: AbortSignal): Promise<Installed> {
  return context.connection.transaction({ signal, doing: "read what is installed" }, (transaction) =>
    installedOf(context, transaction),
  );
}

export async function installedOf({ sql }: EngineContext, transaction: Transaction): Promise<Installed> {
  const [present] = await transaction.query(sql.text("install/is-installed"));
  const [guard] = await transaction.query(sql.text("install/guard-state"));
  const isGuarded = guard?.["is_guarded"] === "t";
  const canGuard = guard?.["can_guard"] === "t";
  if (present?.["is_installed"] !== "t") {
    return { version: 0, mode: "open", isCaptureOff: false, canGuard, isGuarded, tables: [] };
  }
  const [meta] = await transaction.query(sql.text("install/version"));
  const version = Number(meta?.["version"]);
  // Of another version only this is known; the installation replaces it, or refuses.
  if (version < upgradedVersion || version > schemaVersion)
    return { version, mode: "open", isCaptureOff: false, canGuard, isGuarded, tables: [] };
  const rows = await transaction.query(sql.text("query/installed"));
  return {
    version,
    mode: meta?.["mode"] ?? "open",
    isCaptureOff: (meta?.["capture_off_because"] ?? "") !== "",
    canGuard,
    isGuarded,
    tables: rows.map(installedRow),
  };
}

function installedRow(row: Row): InstalledRow {
  const schema = row["schema"] ?? "";
  const name = row["name"] ?? "";
  const keyShape = row["key_shape"] ?? "";
  const gate = z.enum(["open", "closed", "missing"]).parse(row["gate"]);
  const wanted = keyShape.startsWith('["image"') ? keylessTriggers : captureTriggers;
  const isCaptured = Number(row["capture_triggers"]) === wanted;
  return {
    n: Number(row["n"]),
    label: tableLabel({ schema, name }),
    schema,
    name,
    keyShape,
    journalMark: row["mark"] ?? "",
    shape: shapeForm.parse(JSON.parse(row["shape"] ?? "[]")),
    gate,
    brokenBecause: !isCaptured
      ? "its capture triggers are missing, switched off or those of another table"
      : gate === "missing"
        ? "its write gate is missing"
        : "",
  };
}

/** See DatabaseEngine.readInstallation. */
export async function readInstallation(context: EngineContext, signal: AbortSignal): Promise<Installation> {
  const { version, tables } = await readInstalled(context, signal);
  return {
    isCurrent: version === schemaVersion,
    tables: tables.map(({ label, shape, journalMark, brokenBecause }) => ({
      label,
      shape,
      mark: tableMark(journalMark, shape),
      brokenBecause,
    })),
  };
}

/** See DatabaseEngine.preflight. */
export async function preflight(context: EngineContext, signal: AbortSignal): Promise<readonly InstallFinding[]> {
  const { connection, sql, settings } = context;
  const findings: InstallFinding[] = [];
  await connection.transaction({ signal, doing: "look at the rights" }, async (transaction) => {
    for (const row of await transaction.query(sql.text("query/rights"), [settings.schemas])) {
      findings.push({
        severity: "refusal",
        message: `the role ${settings.user} lacks ${row["missing"] ?? ""}: ${row["target"] ?? ""}`,
        hint: "let the owner of the tables install, or grant that role to the user of the settings",
      });
    }
    const { parts, values } = schemaParameters(context);
    for (const row of await transaction.query(sql.text("query/preflight", parts), values)) {
      if (settings.excludedTables.includes(row["target"] ?? "")) continue;
      const warning = warnings[row["what"] ?? ""];
      if (warning) findings.push({ severity: "warning", ...warning(row["target"] ?? "") });
    }
    const { canGuard } = await installedOf(context, transaction);
    if (!canGuard) {
      findings.push({
        severity: "warning",
        message: `the role ${settings.user} is no superuser, so nothing watches over changes of key columns`,
        hint: "turn synchronisation off before a key column is renamed, dropped or retyped, and install the scripts again after it: until then writes to that table would fail",
      });
    }
  });
  return findings;
}

const warnings: Readonly<Record<string, (target: string) => { readonly message: string; readonly hint: string }>> = {
  session_replication_role: (target) => ({
    message: `session_replication_role is set for ${target === "" ? "a database" : target}: its changes pass by the triggers`,
    hint: "let the application's sessions have the default (origin); what passes by is found only by verification",
  }),
  "row security": (target) => ({
    message: `${target} forces row level security on its owner`,
    hint: "exclude the table or take FORCE ROW LEVEL SECURITY off it: rows that cannot be seen cannot be copied",
  }),
  "large object": () => ({
    message: "the database holds large objects (pg_largeobject), which have no triggers",
    hint: "keep them in a bytea column or in files; they are not synchronised",
  }),
  "foreign table": (target) => ({
    message: `${target} is a foreign table`,
    hint: "its rows live elsewhere and are not synchronised",
  }),
  "ending sessions": (user) => ({
    message: `the role ${user} may not end the sessions of other roles, as it must where they keep a database from being switched`,
    hint: `GRANT pg_signal_backend TO ${user}; without it a switch fails while another role writes or maintains a table`,
  }),
  "materialized view": (target) => ({
    message: `${target} is a materialized view, which is not synchronised`,
    hint: "refresh it on the other server after each switch: until then it is as old as its last refresh there",
  }),
  "acting always": (target) => ({
    message: `${target} has a trigger that acts ALWAYS, hence a second time while its rows are applied on the target`,
    hint: "ALTER TABLE … ENABLE TRIGGER … lets it act for the application alone; or exclude the table on both servers",
  }),
  "acting replica": (target) => ({
    message: `${target} has a trigger that acts as REPLICA, hence on what is applied on the target and nowhere else`,
    hint: "ALTER TABLE … DISABLE TRIGGER … or ENABLE TRIGGER …; or exclude the table on both servers",
  }),
  subscription: (target) => ({
    message: `${target} is filled by a subscription, whose changes pass by the triggers`,
    hint: "exclude the table on both servers, or take it out of the subscription; what passes by is found only by verification",
  }),
  extension: (target) => ({
    message: `${target} belongs to an extension and is not synchronised`,
    hint: "create the extension on the other server too; what the application has written into this table must be brought there by other means",
  }),
  schema: (target) => ({
    message: `the schema ${target} holds tables and is not synchronised`,
    hint: "name it in databases[].schemas on both servers if the application needs it after a switch",
  }),
  encoding: () => ({
    message:
      "the database's encoding is SQL_ASCII, which takes bytes that are no text: a table that holds such bytes cannot be synchronised, and where it has no key the application's writes of them would fail",
    hint: "move the data into a database of the encoding UTF8, or exclude such tables on both servers",
  }),
};
