import { describe } from "@jest/globals";
import { describeDatabaseConformance } from "../../contract/conformance/database-conformance.contract.js";
import { startPostgresqlConformance } from "../../support/postgresql-conformance.js";

describe("the cases of conformance on PostgreSQL", () => {
  describeDatabaseConformance(startPostgresqlConformance);
});
