import { describe } from "@jest/globals";
import { describeEngine } from "../../contract/engine.contract.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

describe("the engine on PostgreSQL", () => {
  describeEngine(startPostgresqlFixture);
});
