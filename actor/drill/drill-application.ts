import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { DrillApplicationSettings } from "../../shared/core/settings/drill-settings.js";
import type { ManagedSystemSettings } from "../../shared/core/settings/settings.js";
import { probeManagedSystem } from "../../shared/probes/managed-system.js";
import { runCommand } from "../managed-system/run-command.js";
import type { DrillApplication } from "./drill-port.js";

export interface DrillApplicationOptions {
  readonly settings: DrillApplicationSettings;
  readonly testPage: ManagedSystemSettings["testPage"];
  readonly name: string;
  readonly clock: ClockPort;
}

/** By the programs of the settings. They know by SPARESYNC_DRILL=1 that nobody outside may reach what they start. */
export function createDrillApplication({ settings, testPage, name, clock }: DrillApplicationOptions): DrillApplication {
  const run = async (verb: "start" | "stop", signal: AbortSignal): Promise<void> => {
    const what = `the ${verb} command of the drill`;
    const { limitSeconds } = settings;
    const variables = { SPARESYNC_DRILL: "1" };
    const { exitCode, ending } = await runCommand(settings[verb], { clock, limitSeconds, signal, what, variables });
    if (exitCode !== 0) throw new AppError("MANAGED_SYSTEM_FAILED", `${what} ${ending}`);
  };
  return {
    start: (signal) => run("start", signal),
    stop: (signal) => run("stop", signal),
    // Never another address than loopback: what answers there is not what users reach.
    probe: (signal) =>
      probeManagedSystem({ testPage, name, address: { host: "127.0.0.1", port: settings.testPort }, clock, signal }),
  };
}
