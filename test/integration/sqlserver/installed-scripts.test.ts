import { describe, test } from "@jest/globals";
import { describeInstalledScripts } from "../../contract/installed-scripts.contract.js";
import { sqlServerScripts } from "../../support/scripts-dialect.js";
import { startSqlServerConformance } from "../../support/sqlserver-conformance.js";
import { addressVariable, sqlServerAddress } from "../../support/sqlserver-server.js";

const address = sqlServerAddress();
/** The first statements of a session take a busy Babelfish many seconds each. */
const limitMs = 600_000;

describe("the scripts on SQL Server", () => {
  if (address) {
    describeInstalledScripts(async () => {
      const fixture = await startSqlServerConformance(address, {});
      return { fixture, scripts: sqlServerScripts(fixture.name === "Babelfish") };
    }, limitMs);
  } else test.skip(`need a server: set ${addressVariable}`, () => undefined);
});
