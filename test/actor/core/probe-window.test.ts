import { describe, expect, test } from "@jest/globals";
import { countFailedProbes, emptyProbeWindow, nextProbeWindow } from "../../../actor/core/probe-window.js";

/** "F" failed, "." answered; one each minute, numbered from 0. */
function after(probes: string, limits = { probesConsidered: 3, probesFailed: 2 }) {
  return Array.from(probes).reduce(
    (window, probe, minute) =>
      nextProbeWindow(
        window,
        { startedAtMs: minute * 60_000, startedAtWallMs: 1e12 + minute * 60_000, available: probe === "." },
        limits,
      ),
    emptyProbeWindow,
  );
}

describe("the last probes", () => {
  test.each([
    { probes: "", since: undefined },
    { probes: "...", since: undefined },
    { probes: "F", since: undefined },
    { probes: "..F", since: undefined },
    { probes: "FF", since: 0 },
    { probes: ".FF", since: 1 },
    { probes: "F.F", since: 0 },
    { probes: "FF.", since: 0 },
    { probes: "FF..", since: undefined },
    { probes: "FF.F", since: 0 },
    { probes: "FFFFFF", since: 0 },
    { probes: "FF..FF", since: 4 },
    { probes: "F..F", since: undefined },
  ])("$probes show an outage since minute $since, where two of three must fail", ({ probes, since }) => {
    expect(after(probes).outageSince?.startedAtMs).toBe(since === undefined ? undefined : since * 60_000);
  });

  test("of which one is enough show an outage at once, and end it at once", () => {
    const one = { probesConsidered: 1, probesFailed: 1 };
    expect(after(".F", one).outageSince?.startedAtWallMs).toBe(1e12 + 60_000);
    expect(after(".F.", one).outageSince).toBeUndefined();
  });

  test("are no more than are considered", () => {
    expect(after("FFF....").probes).toHaveLength(3);
  });

  test.each([
    { probes: "", failed: 0, didLastFail: false },
    { probes: "F.", failed: 1, didLastFail: false },
    { probes: ".F", failed: 1, didLastFail: true },
    { probes: "FFF.F", failed: 2, didLastFail: true },
  ])("$probes are counted: $failed failed, the last one: $didLastFail", ({ probes, failed, didLastFail }) => {
    expect(countFailedProbes(after(probes))).toEqual({ failed, didLastFail });
  });
});
