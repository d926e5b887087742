import { z } from "zod";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { drillReport, type DrillReport, type DrillStatus } from "../../shared/core/drill.js";
import { claimWaitSeconds } from "../core/fence-terms.js";
import { recoveryPointSeconds } from "../build-status.js";
import { peerName, type ActorContext } from "../actor-context.js";
import { recordEvent } from "../record-event.js";
import { isPeerFresh } from "../peer-message.js";
import { checkTarget, askSourceChecks } from "../operations/pre-checks.js";
import type { DrillParts } from "./drill-parts.js";
import { runDrill } from "./run-drill.js";

const keptDrills = 50;
/** How soon an operation that begins ends the drill. */
const watchMs = 200;
const kept = z.object({ drills: z.array(drillReport) });

export interface Drill {
  /** Begins a drill, or returns the one that runs. Rejects with OPERATION_REFUSED where there can be none now. */
  begin(requestedBy: string): Promise<DrillReport>;
  /** The newest first. */
  list(): readonly DrillReport[];
  status(): DrillStatus;
  /** Breaks off a drill that runs and resolves when what it has started is stopped. */
  end(because: string): Promise<void>;
  /** Reads what was kept, and stops what a drill has left behind whose actor was killed. */
  open(): Promise<void>;
}

/** Drills of this server. They are no operations: a drill never holds up a failover, it gives way to it. */
export function createDrill(getContext: () => ActorContext): Drill {
  let drills: readonly DrillReport[] = [];
  let running: { readonly ending: AbortController; readonly over: Promise<void>; because: string } | undefined;

  const keep = async (report: DrillReport): Promise<void> => {
    drills = [report, ...drills.filter(({ id }) => id !== report.id)].slice(0, keptDrills);
    const { ports } = getContext();
    await ports.drill.write({ drills }).catch((error: unknown) => {
      ports.log.warn("drill-not-kept", { because: errorMessage(error) });
    });
  };
  const begin = async (requestedBy: string): Promise<DrillReport> => {
    const context = getContext();
    const first = drills[0];
    if (running && first) return first;
    requireStandby(context);
    const ending = new AbortController();
    const report = newReport(context, requestedBy);
    // Known as running before the first wait, so that two askers get one drill.
    drills = [report, ...drills];
    const mine = { ending, over: Promise.resolve(), because: "" };
    running = mine;
    const over = hold(context, report, ending, keep, () => mine.because).finally(() => {
      running = undefined;
    });
    Object.assign(mine, { over });
    over.catch((error: unknown) => {
      context.ports.log.error("drill-failed", { because: errorMessage(error) });
    });
    await keep(report);
    return report;
  };
  return {
    begin,
    list: () => drills,
    status: () => statusOf(drills),
    end: async (because) => {
      if (!running) return;
      running.because = because;
      running.ending.abort();
      await running.over.catch(() => undefined);
    },
    open: async () => {
      const { ports, signal } = getContext();
      const parsed = kept.safeParse(await ports.drill.read().catch(() => undefined));
      drills = parsed.success ? parsed.data.drills : [];
      const left = drills[0];
      if (left?.result !== "running") return;
      await ports.drill.application?.stop(signal).catch((error: unknown) => {
        ports.log.error("drill-application-not-stopped", { because: errorMessage(error) });
      });
      await keep({
        ...left,
        result: "broken-off",
        because: "the actor was stopped in the middle",
        endedAtMs: ports.clock.wallMs(),
      });
    },
  };
}

function requireStandby(context: ActorContext): void {
  const { record, operation } = context.store.facts;
  if (!record || record.active === context.server) {
    const hint = `Ask at the ${peerName(context)}.`;
    throw new AppError("OPERATION_REFUSED", "a drill is held on the spare, and this server is not", { hint });
  }
  if (operation) throw new AppError("OPERATION_RUNNING", `operation ${operation.id} is running; a drill must wait`);
}

function newReport({ ports }: ActorContext, requestedBy: string): DrillReport {
  const result = { result: "running" as const, because: "", lines: [] };
  const figures = { measuredSeconds: 0, recoveryTimeSeconds: 0, recoveryPointSeconds: 0 };
  return { id: ports.random.id(), ...result, ...figures, requestedBy, startedAtMs: ports.clock.wallMs(), endedAtMs: 0 };
}

async function hold(
  context: ActorContext,
  report: DrillReport,
  ending: AbortController,
  keep: (report: DrillReport) => Promise<void>,
  brokenOffBecause: () => string,
): Promise<void> {
  const { ports, settings } = context;
  ports.log.info("drill-started", { drill: report.id, requestedBy: report.requestedBy });
  const watching = endWithOperation(context, ending);
  let shown = report;
  const items = ports.parts.flatMap((part) => part.status());
  const lines = await runDrill(partsOf(context), ending.signal, async ({ name, result, because, seconds }) => {
    shown = { ...shown, lines: [...shown.lines, { name, result, because, seconds }] };
    await keep(shown);
  });
  const isBrokenOff = ending.signal.aborted;
  ending.abort();
  await watching;
  const failed = lines.filter(({ result }) => result === "failed");
  const measuredSeconds = lines.reduce((sum, { takeoverSeconds }) => sum + takeoverSeconds, 0);
  const waits = settings.failover.allowedUnavailabilitySeconds + claimWaitSeconds(settings, context.store.facts.fence);
  const because = isBrokenOff
    ? brokenOffBecause() || "an operation began, or the actor stops"
    : failed.map((line) => `${line.name}: ${line.because}`).join("; ");
  const result = isBrokenOff ? "broken-off" : failed.length > 0 ? "failed" : "passed";
  await keep({
    ...shown,
    result,
    because,
    endedAtMs: ports.clock.wallMs(),
    measuredSeconds,
    recoveryTimeSeconds: waits + measuredSeconds,
    recoveryPointSeconds: recoveryPointSeconds(context, items),
  });
  const act = { who: report.requestedBy, why: because === "" ? "drill" : `drill: ${because}`, subject: report.id };
  await recordEvent(context, { name: "OperatorActed", ...act, result });
  ports.log[result === "passed" ? "info" : "error"]("drill-ended", { drill: report.id, result, because });
}

/** An operation, or a claim, is never kept waiting by a rehearsal of it. */
async function endWithOperation(context: ActorContext, ending: AbortController): Promise<void> {
  const { ports, store, server, signal } = context;
  while (!ending.signal.aborted) {
    const { operation, claim, record } = store.facts;
    if (signal.aborted || operation || claim || record?.active === server) ending.abort();
    else await ports.clock.sleep(watchMs, ending.signal).catch(() => undefined);
  }
}

function partsOf(context: ActorContext): DrillParts {
  const { ports, settings } = context;
  return {
    clock: ports.clock,
    checks: async () => {
      if (!isPeerFresh(context)) return checkTarget(context);
      return [...checkTarget(context), ...(await askSourceChecks(context))];
    },
    testNameServer: (signal) => ports.nameServer.testUpdate(signal),
    rehearsePromotion: async (signal) => {
      const epoch = (context.store.facts.record?.epoch ?? 0) + 1;
      const found = await Promise.all(
        ports.parts.map((part) => part.rehearsePromotion?.(epoch, signal) ?? Promise.resolve([])),
      );
      return found.flat();
    },
    sampleFiles: async (signal) => {
      const { sampledFiles } = settings.drill;
      const found = await Promise.all(
        ports.parts.map((part) => part.sampleFiles?.(sampledFiles, signal) ?? Promise.resolve([])),
      );
      return found.flat();
    },
    isServing: (signal) => context.keeper.look(signal),
    application: ports.drill.application,
    applicationLimitSeconds: settings.drill.application?.limitSeconds ?? 60,
  };
}

function statusOf(drills: readonly DrillReport[]): DrillStatus {
  const ended = drills.find(({ result }) => result === "passed" || result === "failed");
  const passed = drills.find(({ result }) => result === "passed");
  return {
    isRunning: drills[0]?.result === "running",
    lastEndedAtMs: ended?.endedAtMs ?? 0,
    lastSuccessAtMs: passed?.endedAtMs ?? 0,
    hasLastPassed: ended?.result === "passed",
    recoveryTimeSeconds: passed?.recoveryTimeSeconds ?? 0,
    recoveryPointSeconds: passed?.recoveryPointSeconds ?? 0,
  };
}
