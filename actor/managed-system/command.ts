import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { ManagedSystemSettings } from "../../shared/core/settings/settings.js";
import { stopShareBeforeKill } from "../../shared/core/stop-time.js";
import type { ControlStatus, ManagedSystemControl } from "./control.js";
import { runCommand } from "./run-command.js";

type CommandSettings = Extract<ManagedSystemSettings["controls"][number], { readonly kind: "command" }>;

/** Longer than any service manager waits for a start (systemd: 90 s); the operation's step has its own, shorter limit. */
const startLimitSeconds = 120;
/** A status that takes longer than this is no status. */
const statusLimitSeconds = 5;
/** How often it is looked whether a program that was told to stop has ended. */
const lookAgainMs = 200;

/** Exit codes of `status` by the convention of init scripts (LSB 5.0, section 20.2). */
const runningExitCode = 0;
const stoppedExitCode = 3;

/** Stops and starts a part of the managed system by the programs of the settings, without a shell. */
export function createCommandControl(settings: CommandSettings, clock: ClockPort): ManagedSystemControl {
  const { name } = settings;

  async function run(verb: "start" | "stop" | "kill", limitSeconds: number, signal: AbortSignal): Promise<void> {
    const what = `the ${verb} command of ${name}`;
    const { exitCode, ending } = await runCommand(settings[verb] ?? [], { clock, limitSeconds, signal, what });
    if (exitCode !== 0) throw new AppError("MANAGED_SYSTEM_FAILED", `${what} ${ending}`);
  }

  async function status(signal: AbortSignal, limitSeconds = statusLimitSeconds): Promise<ControlStatus> {
    const what = `the status command of ${name}`;
    try {
      const { exitCode, ending } = await runCommand(settings.status, { clock, limitSeconds, signal, what });
      return { state: stateOf(exitCode), because: `${what} ${ending}` };
    } catch (error) {
      if (errorCode(error) === "ABORTED") throw error;
      return { state: "unknown", because: errorMessage(error) };
    }
  }

  /** Runs `stop` or `kill` and waits until it is seen stopped. Returns why not, or undefined. */
  async function end(verb: "stop" | "kill", untilMs: number, signal: AbortSignal): Promise<string | undefined> {
    try {
      await run(verb, remainingSeconds(clock, untilMs), signal);
    } catch (error) {
      if (errorCode(error) === "ABORTED") throw error;
      // A failed `stop` may have done its work all the same; only what is seen counts, but there is nothing to wait for.
      const seen = await status(signal, Math.min(statusLimitSeconds, remainingSeconds(clock, untilMs)));
      return seen.state === "stopped" ? undefined : errorMessage(error);
    }
    for (;;) {
      const seen = await status(signal, Math.min(statusLimitSeconds, remainingSeconds(clock, untilMs)));
      if (seen.state === "stopped") return undefined;
      if (clock.monotonicMs() + lookAgainMs >= untilMs) return `after ${verb}, ${seen.because}`;
      await clock.sleep(lookAgainMs, signal);
    }
  }

  return {
    name,
    status: (signal) => status(signal),
    async start(signal) {
      if ((await status(signal)).state === "running") return;
      await run("start", startLimitSeconds, signal);
    },
    async stop(limitSeconds, signal) {
      const startedAtMs = clock.monotonicMs();
      const limitMs = limitSeconds * 1000;
      const first = await status(signal, Math.min(statusLimitSeconds, limitSeconds * 0.2));
      if (first.state === "stopped") return;
      const canKill = settings.kill !== undefined;
      let because = await end("stop", startedAtMs + limitMs * (canKill ? stopShareBeforeKill : 1), signal);
      if (because === undefined) return;
      if (canKill) {
        const becauseOfKill = await end("kill", startedAtMs + limitMs, signal);
        if (becauseOfKill === undefined) return;
        because = `${because}; ${becauseOfKill}`;
      }
      throw new AppError("MANAGED_SYSTEM_FAILED", `not seen stopped: ${because}`, {
        ...(!canKill && { hint: "Set `kill` for this control, so that it can be ended when stop does not." }),
      });
    },
  };
}

function stateOf(exitCode: number | undefined): ControlStatus["state"] {
  if (exitCode === runningExitCode) return "running";
  return exitCode === stoppedExitCode ? "stopped" : "unknown";
}

/** Never zero: a last, short look is cheaper than a false "cannot be stopped". */
function remainingSeconds(clock: ClockPort, untilMs: number): number {
  return Math.max(0.05, (untilMs - clock.monotonicMs()) / 1000);
}
