import { describe, expect, test } from "@jest/globals";
import { emptyProbeRecord, nextProbeRecord, type ProbeRound } from "../../../exporter/core/probe-record.js";

const up = { available: true, because: "", durationMs: 5 };
const down = { available: false, because: "", durationMs: 5 };

function after(...rounds: readonly Partial<ProbeRound>[]) {
  return rounds.reduce(
    (record, round, index) =>
      nextProbeRecord(record, { wallMs: 1000 * (index + 1), vantage: "standby", local: down, public: up, ...round }),
    emptyProbeRecord,
  );
}

describe("nextProbeRecord", () => {
  test("the active server is seen by both routes, the standby sees the active one's public address only", () => {
    const views = (vantage: "active" | "standby") => after({ vantage }).views.map(({ from, via }) => `${from}/${via}`);
    expect(views("active")).toEqual(["active/local", "active/public"]);
    expect(views("standby")).toEqual(["standby/public"]);
  });

  test("unavailable since the first failure, until it is available", () => {
    expect(after({}, { public: down }, { public: down }).views[0]).toMatchObject({ unavailableSinceMs: 2000 });
    expect(after({ public: down }, {}).views[0]).toMatchObject({ unavailableSinceMs: 0 });
  });

  test("what was seen from a vantage this server has left is gone, and not remembered on return", () => {
    const record = after({ public: down }, { vantage: "active" }, { public: down });
    expect(record.views).toEqual([
      { from: "standby", via: "public", available: false, unavailableSinceMs: 3000, durationMs: 5 },
    ]);
  });

  test("nothing is claimed about the active server while it is not known which that is", () => {
    const record = after({ vantage: undefined, public: undefined, local: up });
    expect(record.views).toEqual([]);
    expect(record.answersLocally).toBe(true);
  });

  test("counts probes and failures by view, from 0", () => {
    expect(emptyProbeRecord.counts.map(({ from, via, probes }) => `${from}/${via} ${probes}`)).toEqual([
      "active/local 0",
      "active/public 0",
      "standby/public 0",
    ]);
    const counts = after({}, { public: down }, { vantage: "active" }).counts;
    expect(counts.map(({ probes, failures }) => [probes, failures])).toEqual([
      [1, 1],
      [1, 0],
      [2, 1],
    ]);
  });
});
