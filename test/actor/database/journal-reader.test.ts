import { expect, test } from "@jest/globals";
import type { AppliedState, JournalState } from "../../../actor/core/journal-position.js";
import type { JournalBatch } from "../../../actor/core/journal-wire.js";
import { Applier } from "../../../actor/database/applier.js";
import type { DatabaseEngine } from "../../../actor/database/engine.js";
import { JournalReader } from "../../../actor/database/journal-reader.js";
import type { SideIo } from "../../../actor/database/side.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";
import { ManualClock } from "../../support/manual-clock.js";
import { MemoryLink } from "../../support/memory-link.js";

const { signal } = new AbortController();
const applied: AppliedState = { history: "h-1", point: 7, attempt: "a", stage: "complete", completeUpToMs: 0 };
const state = {
  history: "h-1",
  parent: { history: "", point: 0, attempt: "" },
  epoch: 1,
  mode: "standby",
  shippedPoint: 7,
  isCopyRequested: false,
  chunksRead: 0,
  newestChunk: 0,
} as JournalState;
/** A message for itself. */
const text = Buffer.from(`1\t${"x".repeat(300_000)}\n`);
const batch: JournalBatch = { kind: "rows", table: "public.t", columns: ["id", "v"], rows: 1, text };

function ioWith(engine: Partial<DatabaseEngine>, link: MemoryLink): SideIo {
  const marks = { own: {}, copied: {} };
  return {
    settings: testSettings("postgresql", 1, "shop"),
    engine: { readMarks: () => Promise.resolve(marks), canApplyEarly: false, ...engine } as DatabaseEngine,
    link,
    clock: new ManualClock(),
    random: { id: () => "r" },
    log: rememberLog(),
    stateDirectory: "/none",
  };
}

test("a point whose message is lost ends the statement that reads it, and says that it was lost", async () => {
  const link = new MemoryLink();
  const prepared = { epoch: 1, fingerprint: "", tables: [] };
  const view = { changes: 0, bytes: 0, applied: undefined, lastSuccessAtMs: 0, copiedTables: 0 };
  const there = ioWith({ readState: () => Promise.resolve({ ...state, applied }) }, new MemoryLink());
  const applier = new Applier(there, prepared, view, signal);
  link.handlers = { "database/position": (message) => applier.answer("position", message) };
  link.faultOf = (kind) => (kind === "database/stage" ? "lost" : "none");
  const readPoint: DatabaseEngine["readPoint"] = async (_request, _limits, write, stop) => {
    for (let number = 0; number < 3; number += 1) await write(batch);
    // The next batch would come in a minute.
    await new Promise((resolve) => {
      stop.addEventListener("abort", resolve);
    });
    throw new Error("reading was cancelled");
  };
  const here = ioWith({ readState: () => Promise.resolve(state), readPoint }, link);
  const reader = new JournalReader(here, prepared, () => undefined);
  await expect(reader.sendPoint({ checks: [], isSentEmpty: false }, signal)).rejects.toMatchObject({
    code: "PEER_UNREACHABLE",
  });
  await applier.close();
});
