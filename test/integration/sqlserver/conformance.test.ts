import { describe, test } from "@jest/globals";
import { describeDatabaseConformance } from "../../contract/conformance/database-conformance.contract.js";
import { startSqlServerConformance } from "../../support/sqlserver-conformance.js";
import { addressVariable, sqlServerAddress } from "../../support/sqlserver-server.js";

const address = sqlServerAddress();
/** The limits are those of servers on this machine; the one that is given may be far away or busy. */
const patience = 10;

/** Cases that Babelfish cannot pass, by number, and why. */
const impossibleOnBabelfish: Readonly<Record<number, string>> = {};

describe("the cases of conformance on SQL Server", () => {
  if (address) {
    describeDatabaseConformance(() => startSqlServerConformance(address, impossibleOnBabelfish), patience);
  } else test.skip(`need a server: set ${addressVariable}`, () => undefined);
});
