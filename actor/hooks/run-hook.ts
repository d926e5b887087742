import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { runCommand } from "../managed-system/run-command.js";
import type { HooksPort } from "./hooks-port.js";

/** Hooks as programs of this server, in a process group of their own that is killed at the limit. */
export function createHooks(clock: ClockPort): HooksPort {
  return {
    run: async ({ name, command, limitSeconds }, variables, signal) => {
      try {
        const what = `the hook ${name}`;
        const { exitCode, ending } = await runCommand(command, { clock, limitSeconds, signal, what, variables });
        return { hasSucceeded: exitCode === 0, ending };
      } catch (error) {
        if (errorCode(error) === "ABORTED") throw error;
        return { hasSucceeded: false, ending: errorMessage(error) };
      }
    },
  };
}
