import { describe, expect, test } from "@jest/globals";
import { JournalWatch, type JournalWatchIo } from "../../../actor/database/journal-watch.js";
import { AppError } from "../../../shared/core/app-error.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";
import { ManualClock } from "../../support/manual-clock.js";

const signal = new AbortController().signal;
const limit = 65_536;

/** A journal of one table, as the engine shows it; while the table is in use, journalling cannot end. */
class Journal {
  bytes = 0;
  isInUse = false;
  captureOffBecause = "";
  readonly watch: JournalWatch;

  constructor() {
    const engine = {
      journalSize: () => Promise.resolve({ rows: this.bytes / 100, bytes: this.bytes }),
      readState: () => Promise.resolve({ captureOffBecause: this.captureOffBecause }),
      stopCapture: (because: string) => {
        this.captureOffBecause = because;
        if (this.isInUse) return Promise.reject(new AppError("DATABASE_BUSY", "the table is in use"));
        this.bytes = 0;
        return Promise.resolve();
      },
    };
    const settings = testSettings("postgresql", 5432, "shop", { journalLimitBytes: limit });
    const io = { engine, settings, clock: new ManualClock(), log: rememberLog() };
    this.watch = new JournalWatch(io as unknown as JournalWatchIo);
  }
}

describe("JournalWatch", () => {
  test.each([
    { when: "below its limit", bytes: limit - 100, isGivenUp: false },
    { when: "at its limit", bytes: limit, isGivenUp: true },
  ])("a journal $when is given up: $isGivenUp", async ({ bytes, isGivenUp }) => {
    const journal = new Journal();
    journal.bytes = bytes;
    expect(await journal.watch.giveUpWhenFull(signal)).toBe(isGivenUp);
    expect(await journal.watch.isOff(signal)).toBe(isGivenUp);
    expect(journal.bytes).toBe(isGivenUp ? 0 : bytes);
  });

  test("what was given up while a table was in use is finished later, before it fills the disk", async () => {
    const journal = new Journal();
    journal.bytes = limit;
    journal.isInUse = true;
    await expect(journal.watch.giveUpWhenFull(signal)).rejects.toMatchObject({ code: "DATABASE_BUSY" });
    const because = journal.captureOffBecause;
    await expect(journal.watch.giveUpWhenFull(signal)).rejects.toMatchObject({ code: "DATABASE_BUSY" });
    await expect(journal.watch.refuseWhenOff(signal)).rejects.toMatchObject({ code: "REINITIALISATION_REQUIRED" });
    journal.isInUse = false;
    expect(await journal.watch.giveUpWhenFull(signal)).toBe(false);
    expect({ bytes: journal.bytes, because: journal.captureOffBecause }).toEqual({ bytes: 0, because });
    expect(journal.watch.view).toEqual({ rows: 0, bytes: 0 });
  });
});
