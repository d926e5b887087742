import { noConstraints } from "../../../actor/core/table-constraints.js";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { AppliedState, JournalState } from "../../../actor/core/journal-position.js";
import type { JournalBatch } from "../../../actor/core/journal-wire.js";
import { wholeTable } from "../../../actor/core/verification.js";
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
  const marks = { own: {}, copied: {}, held: [] };
  const noteHeld = (): Promise<void> => Promise.resolve();
  return {
    settings: testSettings("postgresql", 1, "shop"),
    engine: { readMarks: () => Promise.resolve(marks), noteHeld, canApplyEarly: false, ...engine } as DatabaseEngine,
    link,
    clock,
    random: { id: () => "r" },
    log: rememberLog(),
    stateDirectory: "/none",
  };
}

const prepared = { epoch: 1, fingerprint: "", tables: [], sequences: [], constraints: noConstraints };
let clock: ManualClock;
let link: MemoryLink;
let applier: Applier;

beforeEach(() => {
  clock = new ManualClock();
  link = new MemoryLink();
  const view = { changes: 0, bytes: 0, applied: undefined, lastSuccessAtMs: 0, copiedTables: 0 };
  const there = ioWith({ readState: () => Promise.resolve({ ...state, applied }) }, new MemoryLink());
  applier = new Applier(there, prepared, view, signal);
  link.handlers = { "database/position": (message) => applier.answer("position", message) };
});
afterEach(() => applier.close());

/** A source that hands out batches, calling `pause` before each, and then reads until it is ended. */
function readerOf(batches: number, pause: () => Promise<void> = () => Promise.resolve()): JournalReader {
  const readPoint: DatabaseEngine["readPoint"] = async (_request, _limits, write, stop) => {
    for (let number = 0; number < batches; number += 1) {
      await pause();
      await write(batch);
    }
    // The next batch would come in a minute.
    await new Promise((resolve) => {
      stop.addEventListener("abort", resolve);
    });
    throw new Error("reading was cancelled");
  };
  return new JournalReader(ioWith({ readState: () => Promise.resolve(state), readPoint }, link), prepared, {
    copy: undefined,
    missingSequences: [],
    oneSided: [],
  });
}

test("a point whose message is lost ends the statement that reads it, and says that it was lost", async () => {
  link.faultOf = (kind) => (kind === "database/stage" ? "lost" : "none");
  const sent = readerOf(3).sendPoint({ checks: [], isSentEmpty: false }, signal);
  await expect(sent).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
});

const check = { table: "public.t", after: undefined, upTo: undefined, rows: wholeTable, isDetailed: false };

test("a range that is read for longer than it may be ends its point", async () => {
  let goOn = (): void => undefined;
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      goOn = resolve;
    });
  const checks = [{ ...check, limitMs: 60_000 }];
  let isOver = false;
  const failure = readerOf(1, pause)
    .sendPoint({ checks, isSentEmpty: true }, signal)
    .catch((error: unknown) => error)
    .finally(() => {
      isOver = true;
    });
  await clock.advance(59);
  // Counted from what was read last.
  goOn();
  await clock.advance(59);
  expect(isOver).toBe(false);
  await clock.advance(2);
  expect(await failure).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(clock.waiting).toBe(0);
});

test("a range without a limit is read for as long as it takes", async () => {
  const stop = new AbortController();
  const sent = readerOf(1).sendPoint({ checks: [check], isSentEmpty: true }, stop.signal);
  const failure = sent.catch((error: unknown) => error);
  await clock.advance(100_000);
  stop.abort();
  expect(await failure).toMatchObject({ message: "reading was cancelled" });
});
