import { describe } from "@jest/globals";
import { describeDatabaseSync } from "../../contract/database-sync.contract.js";
import { startPgliteFixture } from "../../support/pglite-server.js";

describe("database synchronisation on PGlite", () => {
  describeDatabaseSync(startPgliteFixture);
});
