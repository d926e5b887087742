import { beforeEach, describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { buildStatus } from "../../../actor/build-status.js";
import type { DrillApplication } from "../../../actor/drill/drill-port.js";
import type { SyncPart } from "../../../actor/sync-part.js";
import { switchoverAlerts } from "../../../alert-rules/alerts/switchover.js";
import type { ScrapeContext } from "../../../exporter/collector.js";
import { drill as drillCollector } from "../../../exporter/collectors/drill.js";
import { benchContext, type ContextBench } from "../../support/context-bench.js";
import { anOperationDocument } from "../../support/kept-documents.js";

let done: string[];
let answersAfter: number;
let differences: readonly string[];
let promotionFails: string;
let bench: ContextBench;

const application: DrillApplication = {
  start: () => Promise.resolve(void done.push("start")),
  stop: () => Promise.resolve(void done.push("stop")),
  probe: () => {
    answersAfter -= 1;
    return Promise.resolve({ available: answersAfter < 0, because: "", durationMs: 1 });
  },
};

const part = {
  name: "database",
  status: () => [],
  rehearsePromotion: (epoch: number) => {
    done.push(`rehearse ${epoch}`);
    return Promise.resolve([{ name: "database shop", because: promotionFails }]);
  },
  sampleFiles: (count: number) => Promise.resolve([{ folder: "uploads", compared: count, differences }]),
} as unknown as SyncPart;

beforeEach(async () => {
  done = [];
  answersAfter = 2;
  differences = [];
  promotionFails = "";
  bench = await benchContext("secondary", {
    prepare: (ports) => {
      (ports.parts as SyncPart[]).push(part);
      ports.drill.application = application;
      ports.nameServer.testUpdate = () =>
        Promise.resolve(
          ["add", "read back", "delete"].map((what) => ({ what, passed: true, because: "", seconds: 0.25 })),
        );
    },
  });
  bench.context.situation.isUpdateServerReachable = true;
});

/** Lets the drill go on until it has ended. */
async function untilEnded() {
  const { context, ports } = bench;
  for (let second = 0; second < 60 && context.drill.list()[0]?.result === "running"; second += 1) {
    await ports.clock.advance(1);
  }
  return context.drill.list()[0]!;
}

describe("a drill", () => {
  test("rehearses everything, measures it, stops what it has started, and is kept", async () => {
    await bench.context.drill.begin("olga");
    const report = await untilEnded();
    expect(report.lines.map(({ name, result }) => `${name} ${result}`)).toEqual([
      "pre-checks passed",
      "name-server passed",
      "promotion passed",
      "files passed",
      "application passed",
    ]);
    expect(report).toMatchObject({ result: "passed", because: "", requestedBy: "olga" });
    expect(done).toEqual(["rehearse 2", "start", "stop"]);
    // 0.5 s of the name server, at least two pauses of the test page; the set waits are 120 + 60 + 30 + 10 s.
    expect(report.measuredSeconds).toBeGreaterThanOrEqual(1);
    expect(report.recoveryTimeSeconds).toBe(220 + report.measuredSeconds);
    expect(bench.ports.keptDrills).toMatchObject({ drills: [{ id: report.id, result: "passed" }] });
    expect(bench.kept().events.at(-1)).toMatchObject({ name: "OperatorActed", who: "olga", result: "passed" });
    expect(bench.context.drill.status()).toMatchObject({
      hasLastPassed: true,
      lastSuccessAtMs: report.endedAtMs,
      recoveryTimeSeconds: report.recoveryTimeSeconds,
    });
  });

  test("that passes sets the series that the alert DrillOverdue reads; one that fails leaves it", async () => {
    const series = "sparesync_drill_last_success_timestamp_seconds";
    const overdue = switchoverAlerts.find(({ code }) => code === "DrillOverdue");
    expect(overdue?.expression).toContain(`(${series})`);
    const shown = async (): Promise<unknown> => {
      const status = { ...buildStatus(bench.context), listeners: { admin: true, link: true } };
      const samples = await drillCollector.collect({ status } as ScrapeContext);
      return "because" in samples ? undefined : samples.find(({ name }) => name === series)?.value;
    };
    expect(await shown()).toBe(0);
    await bench.context.drill.begin("the schedule");
    const { endedAtMs } = await untilEnded();
    expect(endedAtMs).toBeGreaterThan(0);
    expect(await shown()).toBe(endedAtMs / 1000);
    promotionFails = "a table is missing";
    await bench.context.drill.begin("the schedule");
    expect((await untilEnded()).result).toBe("failed");
    expect(await shown()).toBe(endedAtMs / 1000);
  });

  test("goes on after what failed, so that one drill shows all of it, and changes neither record nor claim", async () => {
    differences = ["a.txt"];
    promotionFails = "its reinitialisation has not ended";
    const before = bench.kept();
    await bench.context.drill.begin("olga");
    const report = await untilEnded();
    expect(report.result).toBe("failed");
    expect(report.because).toBe(
      "promotion: database shop: its reinitialisation has not ended; files: 1 files differ from the active server's: uploads/a.txt",
    );
    expect(report.lines.at(-1)).toMatchObject({ name: "application", result: "passed" });
    const { events, eventSequence, eventTimesMs } = bench.kept();
    expect(bench.kept()).toEqual({ ...before, events, eventSequence, eventTimesMs });
    expect(bench.context.drill.status()).toMatchObject({ hasLastPassed: false, lastSuccessAtMs: 0 });
  });

  test("fails when the managed system itself has come up by its start command, and stops that command's work", async () => {
    bench.ports.drill.application = {
      ...application,
      start: () => {
        bench.ports.isServing = true;
        return Promise.resolve();
      },
    };
    await bench.context.drill.begin("olga");
    expect((await untilEnded()).because).toContain("the managed system itself runs or answers since the drill's start");
    expect(done).toContain("stop");
  });

  test("whose test page is never answered ends at its limit and is stopped", async () => {
    answersAfter = Infinity;
    await bench.context.drill.begin("olga");
    for (let second = 0; second < 70; second += 1) await bench.ports.clock.advance(1);
    expect(bench.context.drill.list()[0]).toMatchObject({
      result: "failed",
      because: "application: starting the application and its test page did not end within 60 s",
    });
    expect(done.at(-1)).toBe("stop");
  });

  test("gives way to an operation, and has stopped what it started", async () => {
    answersAfter = Infinity;
    await bench.context.drill.begin("olga");
    await bench.ports.clock.advance(2);
    expect(done.at(-1)).toBe("start");
    await bench.context.store.change((facts) => ({ ...facts, operation: anOperationDocument("failover") }));
    await bench.ports.clock.advance(1);
    expect(bench.context.drill.list()[0]?.result).toBe("broken-off");
    expect(done.at(-1)).toBe("stop");
    expect(bench.context.drill.status().lastEndedAtMs).toBe(0);
  });

  test("that is asked for twice is held once", async () => {
    const [first, second] = await Promise.all([bench.context.drill.begin("olga"), bench.context.drill.begin("otto")]);
    expect(second.id).toBe(first.id);
    await untilEnded();
    expect(bench.context.drill.list()).toHaveLength(1);
  });

  test("is refused on the active server and during an operation", async () => {
    const active = await benchContext("primary");
    await expect(active.context.drill.begin("olga")).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    await bench.context.store.change((facts) => ({ ...facts, operation: anOperationDocument("failover") }));
    await expect(bench.context.drill.begin("olga")).rejects.toMatchObject({ code: "OPERATION_RUNNING" });
  });

  test("in whose middle the actor was killed is ended by the next one, which stops what was left", async () => {
    await bench.context.drill.begin("olga");
    const left = bench.ports.keptDrills;
    const again = await benchContext("secondary", {
      prepare: (ports) => {
        ports.keptDrills = left;
        ports.drill.application = application;
      },
    });
    done = [];
    await again.context.drill.open();
    expect(done).toEqual(["stop"]);
    expect(again.context.drill.list()[0]).toMatchObject({ result: "broken-off" });
    await bench.context.drill.end("the test is over");
  });
});

test("nothing in the folder of drills can claim, publish, promote or start the managed system", () => {
  const folder = "actor/drill";
  for (const file of readdirSync(folder)) {
    const text = readFileSync(`${folder}/${file}`, "utf8");
    expect([file, text.match(/\.(claim|publish|promote|start)\(/g) ?? []]).toEqual([
      file,
      file === "run-drill.ts" ? [".start("] : [],
    ]);
    expect(text).not.toMatch(/claim-record|managed-system-keeper|operations\/steps/);
  }
});
