import { expect, test } from "@jest/globals";
import { drainSource, type DrainedSource } from "../../../actor/database/drain-source.js";
import type { SideIo } from "../../../actor/database/side.js";
import type { VerifiedSide } from "../../../actor/database/verification-schedule.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";

test("the last point before a switch compares what no trigger saw for as long as it takes", async () => {
  const { signal } = new AbortController();
  let rowsOfTarget = 5;
  const compared: { readonly side: VerifiedSide; readonly tables: readonly string[] }[] = [];
  const drained = {
    source: {
      sendOnce: () => Promise.resolve({ changesSent: 1, bytesSent: 1 }),
      send: () => Promise.reject(new Error("nobody asked")),
      countRows: () =>
        Promise.resolve({ source: [{ table: "dbo.t", rows: 0, pending: 0 }], target: { "dbo.t": rowsOfTarget } }),
    },
    prepared: { tables: [] },
    schedule: {
      verifyTables: (side: VerifiedSide, tables: readonly string[]) => {
        compared.push({ side, tables });
        rowsOfTarget = 0;
        return Promise.resolve();
      },
    },
  } satisfies DrainedSource;
  const engine = { isGateClosed: () => Promise.resolve(true), countPending: () => Promise.resolve(0), rowCounts: {} };
  const io = { engine, settings: testSettings("sqlserver", 1, "shop"), log: rememberLog() } as unknown as SideIo;
  expect(await drainSource(io, drained, signal)).toEqual({ changesSent: 2, bytesSent: 2 });
  expect(compared).toMatchObject([{ side: { readingLimitMs: undefined }, tables: ["dbo.t"] }]);
});
