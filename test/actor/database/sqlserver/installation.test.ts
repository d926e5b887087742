import { expect, test } from "@jest/globals";
import { install, planInstall, remove, reset } from "../../../../actor/database/sqlserver/install.js";
import { readInstallation, schemaVersion } from "../../../../actor/database/sqlserver/installation.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();

function installed(version: number, labels: readonly string[] = []): SqlServerModel<object> {
  return new SqlServerModel(
    {},
    {
      "install/is-installed": () => [{ is_installed: "1" }],
      "install/version": () => [{ version: String(version) }],
      "query/installed": () =>
        labels.map((name, at) => ({
          n: String(at + 1),
          schema: "dbo",
          name,
          key_shape: "[]",
          mark: "m",
          shape: "[]",
          gate: "open",
        })),
      "query/state": () => [{ version: String(version), mode: "open" }],
    },
  );
}

test("what a newer version has installed is neither changed nor removed", async () => {
  const server = installed(schemaVersion + 1);
  const context = server.context([]);
  const refusal = {
    code: "DATABASE_UNSUPPORTED",
    message: expect.stringContaining(`is version ${String(schemaVersion + 1)}, this program knows`),
  };
  await expect(install(context, [], signal)).rejects.toMatchObject(refusal);
  await expect(planInstall(context, [], signal)).rejects.toMatchObject(refusal);
  await expect(remove(context, signal)).rejects.toMatchObject(refusal);
  expect((await readInstallation(context, signal)).isCurrent).toBe(false);
  const allowed = ["install/is-installed", "install/version", "query/state", "query/installed"];
  expect(server.committed.flat().filter((file) => !allowed.includes(file))).toEqual([]);
});

test("what the version before has installed is brought to this one, and nothing else is touched", async () => {
  const server = installed(schemaVersion - 1);
  expect(await install(server.context([]), [], signal)).toEqual([]);
  const changes = server.committed
    .flat()
    .filter((file) => file.startsWith("install/") && !["install/is-installed", "install/version"].includes(file));
  expect(changes).toEqual(["install/upgrade-third", "install/upgrade"]);
});

test("of each journal it is noted that it held something unsent, before a reset empties it", async () => {
  const server = installed(schemaVersion, ["t", "u"]);
  await reset(server.context([]), signal);
  const changes = server.committed.at(-1)?.filter((file) => /note-unsent|clear-journal/.test(file));
  const each = ["install/note-unsent", "query/clear-journal"];
  expect(changes).toEqual([...each, ...each]);
});

test("of a table that is journalled for the first time it is looked whether it held rows, of one whose journal is made anew it is not", async () => {
  const server = installed(schemaVersion, ["t"]);
  const column = { name: "id", type: "int", baseType: "int", collation: "", isNotNull: true, identity: "" } as const;
  const tableOf = (name: string) => ({
    schema: "dbo",
    name,
    columns: [{ ...column, isGenerated: false }],
    keyColumns: ["id"],
  });
  expect(await install(server.context([]), [tableOf("t"), tableOf("u")], signal)).toEqual(["dbo.t", "dbo.u"]);
  const made = server.committed.filter((files) => files.includes("install/register"));
  expect(made.map((files) => files.at(-1))).toEqual(["install/register", "install/note-unjournalled"]);
});
