import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { DrillLine } from "../../shared/core/drill.js";
import { withDeadline } from "../../shared/deadline.js";
import type { DrillApplication } from "./drill-port.js";
import type { DrillParts } from "./drill-parts.js";

/** A rehearsed line, with the seconds of it that a takeover would take as well. */
export interface Rehearsed extends DrillLine {
  readonly takeoverSeconds: number;
}

type Outcome = { readonly because: string; readonly isSkipped?: boolean; readonly takeoverSeconds?: number };

/** How often the test page is tried while the application comes up. */
const probePauseMs = 250;

/**
 * Rehearses a takeover, each part after the other, also after one that failed: one drill shows all that is wrong. Every
 * line ends; only the caller's signal ends it early. What was started is stopped whatever happens.
 */
export async function runDrill(
  parts: DrillParts,
  signal: AbortSignal,
  tell: (line: Rehearsed) => Promise<void>,
): Promise<readonly Rehearsed[]> {
  const lines: Rehearsed[] = [];
  const rehearse = async (name: string, work: () => Promise<Outcome>): Promise<void> => {
    if (signal.aborted) return;
    const startedAtMs = parts.clock.monotonicMs();
    const line = await work().then(
      ({ isSkipped = false, ...outcome }) => ({
        result: isSkipped ? ("skipped" as const) : ("passed" as const),
        ...outcome,
      }),
      (error: unknown) => ({ result: "failed" as const, because: errorMessage(error) }),
    );
    const seconds = (parts.clock.monotonicMs() - startedAtMs) / 1000;
    const rehearsed = { takeoverSeconds: 0, ...line, name, seconds };
    lines.push(rehearsed);
    await tell(rehearsed);
  };
  await rehearse("pre-checks", () => checkBoth(parts));
  await rehearse("name-server", () => changeTestName(parts, signal));
  await rehearse("promotion", () => promote(parts, signal));
  await rehearse("files", () => sample(parts, signal));
  await rehearse("application", () => startApart(parts, signal));
  return lines;
}

async function checkBoth(parts: DrillParts): Promise<Outcome> {
  const checks = await parts.checks();
  const failed = checks.filter(({ passed }) => !passed);
  if (failed.length === 0) return { because: `${checks.length} checks on both servers` };
  throw failure(failed.map(({ server, because }) => `${server}: ${because}`).join("; "));
}

async function changeTestName(parts: DrillParts, signal: AbortSignal): Promise<Outcome> {
  const lines = await parts.testNameServer(signal);
  const failed = lines.filter(({ passed }) => !passed);
  if (lines.length === 0) throw failure("the name server was not tried");
  if (failed.length > 0) throw failure(failed.map(({ what, because }) => `${what}: ${because}`).join("; "));
  // A takeover adds and reads back; deleting is the drill's own.
  const takeoverSeconds = lines.slice(0, 2).reduce((sum, { seconds }) => sum + seconds, 0);
  return { because: "a test name was added, read back and deleted", takeoverSeconds };
}

async function promote(parts: DrillParts, signal: AbortSignal): Promise<Outcome> {
  const startedAtMs = parts.clock.monotonicMs();
  const rehearsed = await parts.rehearsePromotion(signal);
  const takeoverSeconds = (parts.clock.monotonicMs() - startedAtMs) / 1000;
  if (rehearsed.length === 0) return { because: "there is no database", isSkipped: true };
  const failed = rehearsed.filter(({ because }) => because !== "");
  if (failed.length > 0) throw failure(failed.map(({ name, because }) => `${name}: ${because}`).join("; "));
  const names = rehearsed.map(({ name }) => name).join(", ");
  return { because: `promoted and rolled back: ${names}`, takeoverSeconds };
}

async function sample(parts: DrillParts, signal: AbortSignal): Promise<Outcome> {
  const sampled = await parts.sampleFiles(signal);
  const different = sampled.flatMap(({ folder, differences }) => differences.map((path) => `${folder}/${path}`));
  if (different.length > 0) {
    throw failure(`${different.length} files differ from the active server's: ${different.slice(0, 5).join(", ")}`);
  }
  const compared = sampled.reduce((sum, one) => sum + one.compared, 0);
  if (compared === 0) return { because: "there are no files to compare", isSkipped: true };
  return { because: `${compared} files have the content of the active server's` };
}

/** Starts the application apart from the managed system, waits for its test page, and stops it again. */
async function startApart(parts: DrillParts, signal: AbortSignal): Promise<Outcome> {
  const { application, clock, applicationLimitSeconds: limitSeconds } = parts;
  if (!application)
    return { because: "the settings name no application for drills (drill.application)", isSkipped: true };
  const startedAtMs = clock.monotonicMs();
  try {
    const what = "starting the application and its test page";
    await withDeadline(clock, { what, limitSeconds, signal }, async (limited) => {
      await application.start(limited);
      await untilAnswered(parts, application, limited);
    });
    const takeoverSeconds = (clock.monotonicMs() - startedAtMs) / 1000;
    // The start command may be the wrong one: what users reach must not have come up by it.
    if (await parts.isServing(signal))
      throw failure("the managed system itself runs or answers since the drill's start");
    return { because: "the test page was answered, and it was stopped again", takeoverSeconds };
  } finally {
    await stopAgain(parts, application);
  }
}

async function untilAnswered({ clock }: DrillParts, application: DrillApplication, signal: AbortSignal): Promise<void> {
  while (!(await application.probe(signal)).available) await clock.sleep(probePauseMs, signal);
}

/** With a limit of its own: a drill that is broken off stops what it has started too. */
async function stopAgain(parts: DrillParts, application: DrillApplication): Promise<void> {
  const { clock, applicationLimitSeconds: limitSeconds } = parts;
  await withDeadline(clock, { what: "stopping the drill's application", limitSeconds }, (limited) =>
    application.stop(limited),
  );
}

function failure(because: string): AppError {
  return new AppError("STEP_FAILED", because);
}
