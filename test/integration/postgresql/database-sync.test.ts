import { describe } from "@jest/globals";
import { describeDatabaseSync } from "../../contract/database-sync.contract.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

describe("database synchronisation on PostgreSQL", () => {
  describeDatabaseSync(startPostgresqlFixture);
});
