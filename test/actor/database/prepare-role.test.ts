import { expect, test } from "@jest/globals";
import type { DatabaseEngine } from "../../../actor/database/engine.js";
import { prepareRole } from "../../../actor/database/prepare-role.js";
import type { SideIo } from "../../../actor/database/side.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";

test("what a new source cannot put right is a warning in the log, and does not keep it from being one", async () => {
  const engine: Partial<DatabaseEngine> = {
    rebuildIndexes: () => Promise.resolve(),
    probe: () => Promise.resolve({ flavour: "sqlserver", version: "16", cannotApplyBecause: "" }),
    readCatalogue: () =>
      Promise.resolve({
        tables: [],
        refusals: [],
        unknownExclusions: [],
        sequences: [],
        constraints: { release: "SQL Server 16", tables: {} },
      }),
    readInstallation: () => Promise.resolve({ isCurrent: true, tables: [] }),
    use: () => Promise.resolve(),
    readWrongGates: () => Promise.resolve([]),
    readFingerprint: () => Promise.resolve("as it is"),
    readState: () => Promise.resolve({ mode: "open", captureOffBecause: "" } as never),
    becomeSource: () =>
      Promise.resolve([{ severity: "warning", message: "the foreign key fk is not trusted", hint: "run this" }]),
  };
  const log = rememberLog();
  const io = { engine, settings: testSettings("sqlserver", 1, "shop", {}), log } as unknown as SideIo;
  const prepared = await prepareRole(io, { role: "source", epoch: 3 } as never, new AbortController().signal);
  expect(prepared).toMatchObject({ epoch: 3, fingerprint: "as it is" });
  expect(log.lines.filter(({ event }) => event === "database-source-finding")).toMatchObject([
    { fields: { because: "the foreign key fk is not trusted", hint: "run this" } },
  ]);
});
