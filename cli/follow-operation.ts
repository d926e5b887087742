import { AppError, errorCode, errorMessage } from "../shared/core/app-error.js";
import type { ClockPort } from "../shared/core/clock-port.js";
import type { OperationView } from "../shared/core/status.js";
import type { AdminClient } from "./admin-client.js";
import { readOperation } from "./admin-answers.js";
import { Interruption, interruptionCode } from "./cli-io.js";
import { formatStep } from "./operation-text.js";

const pollMs = 500;

export interface FollowOptions {
  readonly clock: ClockPort;
  readonly limitSeconds: number;
  /** Told one line per change. */
  readonly tell: (line: string) => void;
  /** Aborts when the user interrupts the command: the following ends, the operation does not. */
  readonly signal: AbortSignal;
}

/**
 * Shows the progress of an operation until it has ended, and returns its last view. A connection that drops (the actor
 * may be restarted during its own operation) is tried again until the limit; then rejects with DEADLINE_EXCEEDED. Rejects
 * with an Interruption that says that the operation goes on.
 */
export async function followOperation(client: AdminClient, id: string, options: FollowOptions): Promise<OperationView> {
  const { clock, limitSeconds, tell, signal } = options;
  const startedMs = clock.monotonicMs();
  const elapsedSeconds = (): number => (clock.monotonicMs() - startedMs) / 1000;
  const progress = createProgress(tell, elapsedSeconds);
  let isReachable = true;
  while (elapsedSeconds() < limitSeconds) {
    try {
      const operation = await readOperation(client, id);
      if (!isReachable) tell(`${client.address} answers again`);
      isReachable = true;
      progress(operation);
      if (hasEnded(operation)) return operation;
    } catch (error) {
      if (signal.aborted) throw goesOn(signal, id);
      if (errorCode(error) !== "ACTOR_UNREACHABLE") throw error;
      if (isReachable) tell(`${errorMessage(error)}; trying again`);
      isReachable = false;
    }
    await clock.sleep(pollMs, signal).catch(() => {
      throw goesOn(signal, id);
    });
  }
  throw new AppError("DEADLINE_EXCEEDED", `operation ${id} has not ended within ${limitSeconds} s; it goes on`, {
    hint: `sparesync operations show ${id}`,
  });
}

function goesOn(signal: AbortSignal, id: string): Interruption {
  return new Interruption(
    interruptionCode(signal),
    `no longer following; operation ${id} goes on: sparesync operations show ${id}`,
  );
}

/** `handed-over` goes on at the other server; this actor hears how it ends. */
function hasEnded({ state }: OperationView): boolean {
  return state === "done" || state === "undone" || state === "asks-a-person";
}

/** Tells each change of the operation and of its steps once. */
function createProgress(tell: (line: string) => void, elapsedSeconds: () => number): (view: OperationView) => void {
  const shown = new Map<string, string>();
  let state = "running";
  return (operation) => {
    for (const [index, step] of operation.steps.entries()) {
      const key = `${String(index)} ${step.name}`;
      const now = `${step.state} ${step.because}`;
      if (step.state === "waiting" || shown.get(key) === now) continue;
      shown.set(key, now);
      tell(formatStep(step, elapsedSeconds()));
    }
    if (operation.state === state) return;
    state = operation.state;
    tell(`${operation.kind} ${operation.state}${operation.because === "" ? "" : ` — ${operation.because}`}`);
  };
}
