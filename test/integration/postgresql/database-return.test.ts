import { describe } from "@jest/globals";
import { describeDatabaseReturn } from "../../contract/database-return.contract.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

describe("a PostgreSQL database's way to the other server and back", () => {
  describeDatabaseReturn(startPostgresqlFixture);
});
