import { expect, test } from "@jest/globals";
import { AppError } from "../../../../shared/core/app-error.js";
import type { InstallFinding } from "../../../../actor/database/engine.js";
import { remove } from "../../../../actor/database/sqlserver/install.js";
import { schemaVersion } from "../../../../actor/database/sqlserver/installation.js";
import type { EngineContext } from "../../../../actor/database/sqlserver/context.js";
import { restoreRules, silenceRules, trustForeignKeys } from "../../../../actor/database/sqlserver/silenced-rules.js";
import { closeGate } from "../../../../actor/database/sqlserver/write-gate.js";
import { changeNotes, type SilencedNote } from "../../../support/silenced-notes.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();

interface ForeignKey {
  readonly name: string;
  readonly rows: number;
  isDisabled: boolean;
  isTrusted: boolean;
}

interface Content {
  keys: ForeignKey[];
  notes: SilencedNote[];
}

/** dbo.line with one foreign key for each number of rows that it is to have, all enabled and trusted. */
function serverWith(rows: Readonly<Record<string, number>>): SqlServerModel<Content> {
  const keys = Object.entries(rows).map(([name, count]) => ({ name, rows: count, isDisabled: false, isTrusted: true }));
  const note = (now: Content, parameters: readonly unknown[], _: unknown, text: string): undefined => {
    now.notes = changeNotes(now.notes, text, parameters as never);
  };
  const change =
    (set: Partial<ForeignKey>) =>
    (now: Content, _: unknown, { name }: Readonly<Record<string, string>>): undefined => {
      for (const key of now.keys) if (`[${key.name}]` === name) Object.assign(key, set);
    };
  const named = ({ kind, schema_name, table_name, name, is_trusted }: SilencedNote) => ({
    kind: kind ?? "",
    schema: schema_name ?? "",
    table: table_name ?? "",
    name: name ?? "",
    is_trusted: is_trusted ?? "",
  });
  return new SqlServerModel<Content>(
    { keys, notes: [] },
    {
      "gate/active-rules": (now) =>
        now.keys
          .filter(({ isDisabled }) => !isDisabled)
          .map(({ name, isTrusted }) => ({
            kind: "foreign-key",
            schema: "dbo",
            table: "line",
            name,
            is_trusted: isTrusted ? "1" : "0",
          })),
      "gate/note-silenced": note,
      "gate/disable-foreign-key": change({ isDisabled: true, isTrusted: false }),
      "promote/silenced": (now) => now.notes.map(named),
      "promote/enable-foreign-key": change({ isDisabled: false, isTrusted: false }),
      "promote/forget-silenced": note,
      "promote/distrusted": (now, _, __, text) =>
        now.notes
          .filter(({ kind }) => kind === "distrusted")
          .filter(({ name }) => {
            const key = now.keys.find((each) => each.name === name);
            return key?.isTrusted !== true || !text.includes("f.is_not_trusted = 1");
          })
          .map((each) => ({
            ...named(each),
            rows: String(now.keys.find(({ name }) => name === each["name"])?.rows ?? 0),
          })),
      "promote/trust-foreign-key": change({ isDisabled: false, isTrusted: true }),
      "promote/forget-distrusted": note,
      "install/is-installed": () => [{ is_installed: "1" }],
      "install/version": () => [{ version: String(schemaVersion), mode: "standby" }],
      "remove/schema": (now) => {
        now.notes = [];
        return undefined;
      },
    },
  );
}

async function becomeStandby(context: EngineContext): Promise<void> {
  await silenceRules(
    context,
    new Set(["dbo.line"]),
    async (_, doing, work) => {
      await context.connection.transaction({ signal, doing }, work);
    },
    signal,
  );
}

/** What the new source has to say. */
async function becomeServing(context: EngineContext): Promise<readonly InstallFinding[]> {
  await context.connection.transaction({ signal, doing: "promote" }, restoreRules);
  return trustForeignKeys(context, signal);
}

/** Of each foreign key what SQL Server says of it, and which are noted as what. */
function seen({ content }: SqlServerModel<Content>): readonly (readonly string[])[] {
  return [
    content.keys.map(({ name, isDisabled, isTrusted }) =>
      [name, isDisabled ? "disabled" : "enabled", isTrusted ? "trusted" : "not trusted"].join(" "),
    ),
    content.notes.map(({ name, kind, is_trusted }) => [name, kind, is_trusted].join(" ")),
  ];
}

test("a foreign key of a large table acts again after each promotion, and remains noted as one that was trusted", async () => {
  const server = serverWith({ small: 10, large: 200_000 });
  const context = server.context([]);
  for (const round of ["first", "second", "third"]) {
    await becomeStandby(context);
    expect([round, ...seen(server)]).toEqual([
      round,
      ["small disabled not trusted", "large disabled not trusted"],
      expect.arrayContaining(["small foreign-key 1", "large foreign-key 1"]),
    ]);
    await becomeServing(context);
    expect([round, ...seen(server)]).toEqual([
      round,
      ["small enabled trusted", "large enabled not trusted"],
      ["large distrusted 1"],
    ]);
  }
});

test("a foreign key that nobody trusted is enabled again, and not checked", async () => {
  const server = serverWith({ loose: 10 });
  for (const key of server.content.keys) key.isTrusted = false;
  const context = server.context([]);
  await becomeStandby(context);
  await becomeServing(context);
  expect(seen(server)).toEqual([["loose enabled not trusted"], []]);
});

/** As a connection reports what the server says to the checks of these foreign keys, each as often as it is to be said. */
function failing(server: SqlServerModel<Content>, failures: Readonly<Record<string, AppError[]>>): string[] {
  const checked: string[] = [];
  server.beforeEach = (file, text) => {
    if (file !== "promote/trust-foreign-key") return;
    const name = /CONSTRAINT \[(\w+)\]/.exec(text)?.[1] ?? "";
    checked.push(name);
    const failure = failures[name]?.shift();
    if (failure) throw failure;
  };
  return checked;
}

const busy = (): AppError => new AppError("DATABASE_BUSY", "Lock request time out period exceeded.");
const conflict = new AppError(
  "DATABASE_FAILED",
  "The ALTER TABLE statement conflicted with the FOREIGN KEY constraint.",
);

test("a foreign key with a row that points to nothing is named with the statement to run, and the others are checked", async () => {
  const server = serverWith({ loose: 10, sound: 10 });
  const context = server.context([]);
  await becomeStandby(context);
  failing(server, { loose: [conflict] });
  expect(await becomeServing(context)).toEqual([
    {
      severity: "warning",
      message: expect.stringMatching(
        /^the foreign key \[loose\] of \[dbo\]\.\[line\] acts .* conflicted with the FOREIGN KEY/,
      ),
      hint: expect.stringMatching(/run ALTER TABLE \[dbo\]\.\[line\] WITH CHECK CHECK CONSTRAINT \[loose\]$/),
    },
  ]);
  expect(seen(server)).toEqual([["loose enabled not trusted", "sound enabled trusted"], ["loose distrusted 1"]]);
});

test("a foreign key of a large table is named with the statement to run, until somebody has run it", async () => {
  const server = serverWith({ large: 100_001, small: 100_000 });
  const context = server.context([]);
  await becomeStandby(context);
  expect(await becomeServing(context)).toMatchObject([{ message: expect.stringMatching(/\[large\].*100001 rows/) }]);
  expect(await trustForeignKeys(context, signal)).toHaveLength(1);
  for (const key of server.content.keys) key.isTrusted = true;
  expect(await trustForeignKeys(context, signal)).toEqual([]);
});

test("a table that is in use is tried again, three times in all", async () => {
  const server = serverWith({ once: 10, always: 10 });
  const context = server.context([]);
  await becomeStandby(context);
  const checked = failing(server, { once: [busy()], always: [busy(), busy(), busy()] });
  expect(await becomeServing(context)).toMatchObject([{ message: expect.stringMatching(/\[always\].*time out/) }]);
  expect(checked).toEqual(["once", "once", "always", "always", "always"]);
});

test.each(["DATABASE_UNREACHABLE", "ABORTED"] as const)("with %s nothing is gone on with", async (code) => {
  const server = serverWith({ first: 10, second: 10 });
  const context = server.context([]);
  await becomeStandby(context);
  const checked = failing(server, { first: [new AppError(code, "it is over")] });
  await expect(becomeServing(context)).rejects.toMatchObject({ code });
  expect(checked).toEqual(["first"]);
});

test("a standby that is taken out has its foreign keys checked before it is forgotten which were trusted, and names the others", async () => {
  const server = serverWith({ small: 10, large: 200_000, loose: 10, never: 10 });
  for (const key of server.content.keys) key.isTrusted = key.name !== "never";
  const context = server.context([]);
  await becomeStandby(context);
  failing(server, { loose: [conflict] });
  expect(await remove(context, signal)).toMatchObject([
    {
      message: expect.stringContaining("[large]"),
      hint: expect.stringContaining("WITH CHECK CHECK CONSTRAINT [large]"),
    },
    {
      message: expect.stringContaining("[loose]"),
      hint: expect.stringContaining("WITH CHECK CHECK CONSTRAINT [loose]"),
    },
  ]);
  expect(seen(server)).toEqual([
    ["small enabled trusted", "large enabled not trusted", "loose enabled not trusted", "never enabled not trusted"],
    [],
  ]);
});

test("where it ends between the foreign keys and the schema, the next try checks and names what is left", async () => {
  const server = serverWith({ large: 200_000, small: 10 });
  const context = server.context([]);
  await becomeStandby(context);
  failing(server, { small: [new AppError("DATABASE_UNREACHABLE", "the connection was closed")] });
  await expect(remove(context, signal)).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
  expect(await remove(context, signal)).toMatchObject([{ message: expect.stringContaining("[large]") }]);
  expect(seen(server)).toEqual([["large enabled not trusted", "small enabled trusted"], []]);
});

test("of a table that is not synchronised only what points into a synchronised one is silenced", async () => {
  const rule = (kind: string, table: string, name: string, points: string | null) => ({
    ...{ kind, schema: "dbo", table, name, is_trusted: "1" },
    ...{ points_schema: points === null ? null : "dbo", points_name: points },
  });
  const silenced: string[] = [];
  const server = new SqlServerModel(
    {},
    {
      "query/installed": () => [
        { n: "1", schema: "dbo", name: "line", key_shape: "[]", mark: "m", shape: "[]", gate: "closed" },
      ],
      "install/is-installed": () => [{ is_installed: "1" }],
      "install/version": () => [{ version: String(schemaVersion), mode: "standby" }],
      "query/state": () => [{ mode: "standby", epoch: "1" }],
      "gate/active-rules": () => [
        rule("trigger", "line", "count_lines", null),
        rule("trigger", "audit", "count_audits", null),
        rule("foreign-key", "line", "line_to_kind", "kind"),
        rule("foreign-key", "audit", "audit_to_line", "line"),
        rule("foreign-key", "audit", "audit_to_kind", "kind"),
      ],
      "gate/disable-trigger": (_, __, { name }) => void silenced.push(name ?? ""),
      "gate/disable-foreign-key": (_, __, { name }) => void silenced.push(name ?? ""),
    },
  );
  await closeGate(server.context([]), "standby", 1, signal);
  expect(silenced).toEqual(["[count_lines]", "[line_to_kind]", "[audit_to_line]"]);
});
