import { expect, test } from "@jest/globals";
import { install, planInstall, remove } from "../../../../actor/database/sqlserver/install.js";
import { readInstallation, schemaVersion } from "../../../../actor/database/sqlserver/installation.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();

function installed(version: number): SqlServerModel<object> {
  return new SqlServerModel(
    {},
    {
      "install/is-installed": () => [{ is_installed: "1" }],
      "install/version": () => [{ version: String(version) }],
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
