import { describe } from "@jest/globals";
import { describeEngine } from "../../contract/engine.contract.js";
import { startPgliteFixture } from "../../support/pglite-server.js";

describe("the engine on PGlite", () => {
  describeEngine(startPgliteFixture);
});
