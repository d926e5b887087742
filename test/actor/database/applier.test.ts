import { noConstraints } from "../../../actor/core/table-constraints.js";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { JournalState } from "../../../actor/core/journal-position.js";
import { encodeBatch } from "../../../actor/core/journal-wire.js";
import { Applier } from "../../../actor/database/applier.js";
import type { DatabaseEngine, StagedPoint } from "../../../actor/database/engine.js";
import type { LinkMessage } from "../../../actor/link/link.js";
import type { JsonObject } from "../../../shared/core/json.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";
import { ManualClock } from "../../support/manual-clock.js";
import { MemoryLink } from "../../support/memory-link.js";

/** A target that writes a point while it still arrives. */

const { signal } = new AbortController();
const frame = encodeBatch({ kind: "rows", table: "public.t", columns: ["id"], rows: 1, text: Buffer.from("1\n") });
const state = { history: "h-1", epoch: 1, mode: "standby", shippedPoint: 0 } as JournalState;

let clock: ManualClock;
let applier: Applier;
/** Attempts that the database has begun to write, one entry for each beginning. */
let begun: string[];

beforeEach(() => {
  clock = new ManualClock();
  begun = [];
  const applyPoint = async (point: StagedPoint): ReturnType<DatabaseEngine["applyPoint"]> => {
    begun.push(point.attempt);
    let rows = 0;
    for await (const batch of point.batches()) rows += batch.rows;
    return { outcome: rows > 0 ? "applied" : "already-applied", answers: [] };
  };
  const engine = { canApplyEarly: true, applyPoint, readState: () => Promise.resolve(state) };
  applier = new Applier(
    {
      settings: testSettings("postgresql", 1, "shop"),
      engine: engine as Partial<DatabaseEngine> as DatabaseEngine,
      link: new MemoryLink(),
      clock,
      random: { id: () => "r" },
      log: rememberLog(),
      stateDirectory: "/none",
    },
    { epoch: 1, fingerprint: "", tables: [], sequences: [], constraints: noConstraints },
    { changes: 0, bytes: 0, applied: undefined, lastSuccessAtMs: 0, copiedTables: 0 },
    signal,
  );
});
afterEach(() => applier.close());

function message(attempt: string, seq: number, more: JsonObject = {}): LinkMessage {
  const point = { database: "shop", epoch: 1, history: "h-1", point: 1, attempt, completeUpToMs: 5 };
  return { fields: { ...point, seq, isCompressed: false, lengths: [frame.length], ...more }, body: frame };
}

const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test("while an operation runs that must not find an open transaction, no point is begun before it is whole", async () => {
  await applier.withoutEarly(async () => {
    await applier.answer("stage", message("first", 0));
    expect(begun).toEqual([]);
  });
  await applier.answer("stage", message("second", 0));
  expect(begun).toEqual(["second"]);
});

test("a source that goes on to send is no silent one: its point is written once, however long it takes to arrive", async () => {
  await applier.answer("stage", message("slow", 0));
  for (let seq = 1; seq <= 3; seq += 1) {
    await turns();
    await clock.advance(9);
    await applier.answer("stage", message("slow", seq));
  }
  const answer = await applier.answer("apply", message("slow", 4, { total: 5, ranges: [] }));
  expect(answer.fields).toMatchObject({ outcome: "applied" });
  expect(begun).toEqual(["slow"]);
});
