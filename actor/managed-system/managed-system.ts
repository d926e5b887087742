import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { ServerName } from "../../shared/core/server-name.js";
import type { ManagedSystemSettings } from "../../shared/core/settings/settings.js";
import { type ManagedSystemProbe, probeManagedSystem } from "../../shared/probes/managed-system.js";
import { createAppOfflineControl } from "./app-offline.js";
import { createCommandControl } from "./command.js";
import type { ManagedSystemControl } from "./control.js";
import type { ManagedSystemPort } from "./managed-system-port.js";

export interface ManagedSystemOptions {
  readonly settings: ManagedSystemSettings;
  /** The name under which users reach it (`dns.name`). */
  readonly name: string;
  readonly server: ServerName;
  /** The bound of `stop`, all controls together (`ownership.stopSeconds`). */
  readonly stopSeconds: number;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
}

/** The application on this server by the controls and the test page of the settings. */
export function createManagedSystem(options: ManagedSystemOptions): ManagedSystemPort {
  const { settings, name, clock, log } = options;
  const controls = settings.controls.map((control) => createControl(control, clock));

  function probe(address: { readonly host: string; readonly port: number }, signal: AbortSignal) {
    return probeManagedSystem({ testPage: settings.testPage, name, address, clock, signal });
  }

  return {
    async start(signal) {
      for (const control of controls.toReversed()) {
        await control.start(signal);
        log.info("managed-system-control-started", { control: control.name });
      }
    },
    async stop(signal) {
      const failures = await stopAll(controls, options, signal);
      if (failures.length === 0) return;
      const message = `the managed system on the ${options.server} server is not stopped: ${failures.join("; ")}`;
      throw new AppError("MANAGED_SYSTEM_FAILED", message);
    },
    async isServing(signal) {
      const seen = await Promise.all(
        controls.map(async (control) => ({ name: control.name, ...(await control.status(signal)) })),
      );
      const stopped = seen.filter(({ state }) => state === "stopped");
      // All stopped, or none given: only what answers at its address can tell.
      if (stopped.length === seen.length) {
        return { isWhole: false, ...servingByAnswer(await probe(settings.localAddress, signal)) };
      }
      const isWhole = seen.every(({ state }) => state === "running");
      const telling = isWhole ? seen : seen.filter(({ state }) => state !== "running");
      return { serving: true, isWhole, because: telling.map(({ name, because }) => `${name}: ${because}`).join("; ") };
    },
    probeLocal: (signal) => probe(settings.localAddress, signal),
    probePublic: (server, signal) => probe(settings.publicAddresses[server], signal),
  };
}

function createControl(settings: ManagedSystemSettings["controls"][number], clock: ClockPort): ManagedSystemControl {
  switch (settings.kind) {
    case "app-offline":
      return createAppOfflineControl(settings);
    case "command":
      return createCommandControl(settings, clock);
  }
}

/** Stops every control, also after one that failed: each part that stops is one that cannot serve. Returns failures. */
async function stopAll(
  controls: readonly ManagedSystemControl[],
  { stopSeconds, clock, log }: ManagedSystemOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const untilMs = clock.monotonicMs() + stopSeconds * 1000;
  const failures: string[] = [];
  for (const [index, control] of controls.entries()) {
    // What one control does not need is left to those after it; none can take the time of the others.
    const remainingSeconds = Math.max(0, (untilMs - clock.monotonicMs()) / 1000);
    try {
      await control.stop(remainingSeconds / (controls.length - index), signal);
      log.info("managed-system-control-stopped", { control: control.name });
    } catch (error) {
      if (errorCode(error) === "ABORTED") throw error;
      log.error("managed-system-control-not-stopped", { control: control.name, because: errorMessage(error) });
      failures.push(`${control.name}: ${errorMessage(error)}`);
    }
  }
  return failures;
}

/**
 * All controls say stopped. A closed port, or a front that says nothing is behind it (a proxy; the page of
 * app_offline.htm), agrees. Anything else may be the application, started by someone else.
 */
function servingByAnswer({ answer, because }: ManagedSystemProbe): { serving: boolean; because: string } {
  switch (answer) {
    case "refused":
      return { serving: false, because: "all controls are stopped and its port is closed" };
    case "unavailable":
      return { serving: false, because: `all controls are stopped and its address ${because}` };
    case "expected":
    case "other":
      return { serving: true, because: `all controls are stopped, but its address ${because}` };
    case "none":
      return { serving: true, because: `all controls are stopped, but it is unknown what is at its port: ${because}` };
  }
}
