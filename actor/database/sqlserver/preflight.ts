import type { InstallFinding } from "../engine.js";
import type { Row, Transaction } from "./connection.js";
import { schemaParameters, type EngineContext } from "./context.js";
import { grantOf, refusedSequences } from "./identities.js";

/** See DatabaseEngine.preflight. */
export async function preflight(context: EngineContext, signal: AbortSignal): Promise<readonly InstallFinding[]> {
  return context.connection.transaction({ signal, doing: "look at rights and surroundings" }, async (transaction) => {
    const { parts, values } = schemaParameters(context);
    const rows = await transaction.query(transaction.text("query/preflight", parts), values);
    return [
      ...(await missingRights(context, transaction)),
      ...(await sequenceFinding(context, transaction)),
      ...snapshotFinding(transaction),
      ...longValueFinding(transaction),
      ...(await durabilityFinding(transaction)),
      ...rows.flatMap(findingOf),
      frameworkFinding,
      keyFinding,
      unseenFinding,
    ];
  });
}

async function missingRights(
  { settings }: EngineContext,
  transaction: Transaction,
): Promise<readonly InstallFinding[]> {
  const [rights] = await transaction.query(transaction.text("query/membership"));
  if (rights?.["is_owner"] === "1") return [];
  return [
    {
      severity: "refusal",
      message: `the user ${settings.user} lacks membership in db_owner of ${settings.database}`,
      hint: `in that database run ALTER ROLE db_owner ADD MEMBER (before SQL Server 2012: sp_addrolemember 'db_owner', '${settings.user}')`,
    },
  ];
}

async function sequenceFinding(context: EngineContext, transaction: Transaction): Promise<readonly InstallFinding[]> {
  const names = await refusedSequences(context, transaction);
  if (names.length === 0) return [];
  const { user } = context.settings;
  const message = `the user ${user} lacks ALTER and UPDATE on the sequences ${names.join(", ")}`;
  return [{ severity: "refusal", message, hint: grantOf(names, user) }];
}

function snapshotFinding(transaction: Transaction): readonly InstallFinding[] {
  if (transaction.server.isSnapshotAllowed) return [];
  return [
    {
      severity: "warning",
      message: "snapshot isolation is not allowed in the database yet; the installation allows it",
      hint: "this waits for transactions that run now; ALLOW_SNAPSHOT_ISOLATION costs room in tempdb while rows change",
    },
  ];
}

/** HASHBYTES takes 8,000 bytes there. */
function longValueFinding({ server }: Transaction): readonly InstallFinding[] {
  if (server.canHashLargeValues) return [];
  return [
    {
      severity: "warning",
      message:
        "verification compares of values over 8,000 bytes only their length and beginning: this server is older than SQL Server 2016",
      hint: "changes are sent in full all the same; a byte that differs further behind is found on SQL Server 2016 and newer",
    },
  ];
}

/** "Control Transaction Durability": a commit need not wait for the log. Ours do; see flushLog. */
async function durabilityFinding(transaction: Transaction): Promise<readonly InstallFinding[]> {
  if (!transaction.server.canDelayDurability) return [];
  const [row] = await transaction.query(transaction.text("query/durability"));
  const mode = row?.["delayed_durability"] ?? "DISABLED";
  if (mode === "DISABLED") return [];
  return [
    {
      severity: "warning",
      message: `DELAYED_DURABILITY is ${mode}: what the application commits just before a crash of the server can be gone`,
      hint: "both sides stay the same, for the log is flushed before anything is sent or acknowledged; where nothing may be lost, set DELAYED_DURABILITY = DISABLED",
    },
  ];
}

/** What is known of a finding by its kind; `target` is the object it was found on. */
const findings: Readonly<Record<string, (target: string) => InstallFinding>> = {
  "nested triggers": () => ({
    severity: "refusal",
    message: "the server option 'nested triggers' is 0: what the application's triggers write would not be journalled",
    hint: "run sp_configure 'nested triggers', 1; RECONFIGURE",
  }),
  // Error 334: the target of a statement with OUTPUT and without INTO may not have enabled triggers.
  output: (target) => ({
    severity: "warning",
    message: `${target} uses OUTPUT; without INTO such a statement fails on a table with a trigger (error 334)`,
    hint: "let it use OUTPUT … INTO, or exclude the table that it writes to",
  }),
  "replicated table": (target) => ({
    severity: "warning",
    message: `${target} is published by the server's own replication`,
    hint: "on the spare it is an ordinary table; publish it there after a switch",
  }),
};

function findingOf(row: Row): readonly InstallFinding[] {
  const finding = findings[row["what"] ?? ""];
  return finding ? [finding(row["target"] ?? "")] : [];
}

/** What nobody can see in the catalogue, so it is said at every installation. */
const frameworkFinding: InstallFinding = {
  severity: "warning",
  message: "programs that write with Entity Framework Core 7 or newer use OUTPUT, which fails on tables with triggers",
  hint: 'tell it of the triggers, for each synchronised entity: ToTable(table => table.HasTrigger("sparesync"))',
};

const keyFinding: InstallFinding = {
  severity: "warning",
  message: "nothing watches over changes of key columns, which the triggers name",
  hint: "turn synchronisation off before a key column is renamed, dropped or retyped, and install the scripts again after it: until then writes to that table would fail",
};

/** "CREATE TRIGGER (Transact-SQL)", remarks; "BULK INSERT", FIRE_TRIGGERS; "ALTER TABLE", SWITCH. */
const unseenFinding: InstallFinding = {
  severity: "warning",
  message:
    "no trigger sees TRUNCATE TABLE, bulk loads without FIRE_TRIGGERS, a partition that is switched in or out, or WRITETEXT and UPDATETEXT",
  hint: "with ALLOW_SNAPSHOT_ISOLATION on, which the installation sees to, what changes the number of rows is found within a minute and repaired as `repairDifferences` says, and without it nothing is found, not even by a verification; after anything else run `sparesync database verify --repair`, or wait for the next scheduled verification: until then the spare lacks it",
};
