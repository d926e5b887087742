import { expect, test } from "@jest/globals";
import type { TableDefinition } from "../../../../actor/core/journal-schema.js";
import { stopCapture } from "../../../../actor/database/sqlserver/capture.js";
import { install, remove } from "../../../../actor/database/sqlserver/install.js";
import { schemaVersion } from "../../../../actor/database/sqlserver/installation.js";
import { promote, rehearsePromotion } from "../../../../actor/database/sqlserver/promotion.js";
import { closeGate, openGate } from "../../../../actor/database/sqlserver/write-gate.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();

interface Trigger {
  readonly table: string;
  readonly name: string;
  /** What sp_settriggerorder has said. */
  order: "first" | "last" | "none";
  isDisabled: boolean;
}

interface Content {
  triggers: Trigger[];
  /** sparesync.meta, undefined before the installation. */
  meta: { version: number; mode: string } | undefined;
  tables: { readonly n: number; readonly name: string; readonly keyShape: string; readonly shape: string }[];
  silenced: string[];
}

const orders: TableDefinition = {
  schema: "dbo",
  name: "orders",
  columns: [
    { name: "id", type: "int", baseType: "int", collation: "", isNotNull: true, identity: "", isGenerated: false },
  ],
  keyColumns: ["id"],
};

const ofApplication = (): Trigger[] => [
  { table: "[dbo].[orders]", name: "check_first", order: "first", isDisabled: false },
  { table: "[dbo].[orders]", name: "count", order: "none", isDisabled: false },
  { table: "[dbo].[orders]", name: "switched_off", order: "none", isDisabled: true },
  { table: "[dbo].[orders]", name: "mail_last", order: "last", isDisabled: false },
];

/**
 * Does with the triggers what SQL Server says it does with them: a new one has no place, ALTER TRIGGER takes its place away
 * (sp_settriggerorder, "Remarks"), switching it off or on does not.
 */
function interpret({ triggers }: Content, text: string): void {
  for (const [, name = "", table = ""] of text.matchAll(/CREATE TRIGGER \[dbo\]\.\[(\w+)\] ON (\S+)/g)) {
    triggers.push({ table, name, order: "none", isDisabled: false });
  }
  for (const [, name] of text.matchAll(/ALTER TRIGGER (?:\[dbo\]\.)?\[(\w+)\]/g)) {
    for (const one of triggers) if (one.name === name) one.order = "none";
  }
  for (const [, table, what, name] of text.matchAll(/ALTER TABLE (\S+) (ENABLE|DISABLE) TRIGGER \[?(\w+)\]?/g)) {
    const found = triggers.filter((one) => one.table === table && (name === "ALL" || one.name === name));
    if (found.length === 0) throw new Error(`cannot find the trigger ${name ?? ""}`);
    for (const one of found) one.isDisabled = what === "DISABLE";
  }
  for (const [, order, name] of text.matchAll(/sp_settriggerorder .*(first|last).*\[(\w+)\]/gi)) {
    for (const one of triggers) if (one.name === name) one.order = order?.toLowerCase() === "first" ? "first" : "last";
  }
  const dropped = /DROP TRIGGER[^]*r\.name = '(\w+)'/.exec(text)?.[1] ?? /DROP TRIGGER \[(\w+)\]/.exec(text)?.[1];
  const at = triggers.findIndex(({ name }) => name === dropped);
  if (at >= 0) triggers.splice(at, 1);
}

function serverWith(): SqlServerModel<Content> {
  const content: Content = { triggers: ofApplication(), meta: undefined, tables: [], silenced: [] };
  const isEnabled = ({ triggers }: Content, name: string): boolean =>
    triggers.some((one) => one.name === name && !one.isDisabled);
  const server: SqlServerModel<Content> = new SqlServerModel(content, {
    "install/is-installed": (now) => [{ is_installed: now.meta ? "1" : "0" }],
    "install/version": (now) => (now.meta ? [{ version: String(now.meta.version), mode: now.meta.mode }] : []),
    "install/schema": (now) => {
      now.meta = { version: schemaVersion - 1, mode: "open" };
      return undefined;
    },
    "install/upgrade": (now) => {
      now.meta = { version: schemaVersion, mode: now.meta?.mode ?? "" };
      return undefined;
    },
    "install/register": (now, [n, , name, keyShape, , shape]) => {
      now.tables.push({ n: Number(n), name: String(name), keyShape: String(keyShape), shape: String(shape) });
      return undefined;
    },
    "install/unregister": (now, _, { n }) => {
      now.tables = now.tables.filter((one) => one.n !== Number(n));
      return undefined;
    },
    "query/installed": (now) =>
      now.tables.map(({ n, name, keyShape, shape }) => ({
        n: String(n),
        schema: "dbo",
        name,
        key_shape: keyShape,
        shape,
        mark: "m",
        capture_triggers: isEnabled(now, `sparesync_capture_${String(n)}`) ? "1" : "0",
        gate: isEnabled(now, `sparesync_gate_${String(n)}`) ? "closed" : "open",
      })),
    "query/state": (now) => [
      { mode: now.meta?.mode ?? "open", epoch: "1", applied_history: "h", applied_stage: "complete" },
    ],
    "gate/set-mode": (now, [mode]) => {
      now.meta = { version: schemaVersion, mode: String(mode) };
      return undefined;
    },
    "gate/active-rules": (now) =>
      now.triggers
        .filter(({ name, isDisabled }) => !isDisabled && !name.startsWith("sparesync_"))
        .map(({ name }) => ({ kind: "trigger", schema: "dbo", table: "orders", name, is_trusted: "1" })),
    "gate/note-silenced": (now, [, , , name]) => {
      now.silenced.push(String(name));
      return undefined;
    },
    "promote/silenced": (now) =>
      now.silenced.map((name) => ({ kind: "trigger", schema: "dbo", table: "orders", name, is_trusted: "1" })),
    "promote/forget-silenced": (now) => {
      now.silenced = [];
      return undefined;
    },
    "promote/become-ordinary": (now) => {
      now.meta = { version: schemaVersion, mode: "open" };
      return undefined;
    },
  });
  server.beforeEach = (_, text) => {
    interpret(server.content, text);
  };
  return server;
}

const own = (server: SqlServerModel<Content>): readonly string[] =>
  server.content.triggers.filter(({ name }) => name.startsWith("sparesync_")).map(({ name }) => name);
const theirs = (server: SqlServerModel<Content>): readonly Trigger[] =>
  server.content.triggers.filter(({ name }) => !name.startsWith("sparesync_"));

test("the application's first and last triggers stay first and last through all that is done with a database", async () => {
  const server = serverWith();
  const context = server.context([orders]);
  const before = ofApplication();
  const silent = before.map((one) => ({ ...one, isDisabled: true }));
  await install(context, [orders], signal);
  expect(own(server)).toEqual(["sparesync_capture_1", "sparesync_gate_1"]);
  // Over the version before, and with a trigger of ours that somebody has taken away.
  server.content.triggers = server.content.triggers.filter(({ name }) => name !== "sparesync_capture_1");
  await install(context, [orders], signal);
  expect(theirs(server)).toEqual(before);
  await closeGate(context, "closed", 1, signal);
  await openGate(context, signal);
  expect(theirs(server)).toEqual(before);
  await closeGate(context, "standby", 1, signal);
  expect(theirs(server)).toEqual(silent);
  await rehearsePromotion(context, 2, signal);
  expect(theirs(server)).toEqual(silent);
  await promote(context, 2, "h2", [], signal);
  expect(theirs(server)).toEqual(before);
  await stopCapture(context, "the journal is full", signal);
  await install(context, [orders], signal);
  await closeGate(context, "standby", 3, signal);
  await remove(context, signal);
  expect(theirs(server)).toEqual(before);
  expect(own(server)).toEqual([]);
});

test("none of our triggers asks for a place", async () => {
  const server = serverWith();
  await install(server.context([orders]), [orders], signal);
  const places = server.content.triggers.filter(({ name }) => name.startsWith("sparesync_")).map(({ order }) => order);
  expect(places).toEqual(["none", "none"]);
});
