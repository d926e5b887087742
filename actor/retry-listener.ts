import { AppError, errorMessage } from "../shared/core/app-error.js";
import type { ClockPort } from "../shared/core/clock-port.js";
import type { LoggerPort } from "../shared/core/logger-port.js";

interface Listener {
  start(): Promise<{ readonly port: number }>;
  stop(): Promise<void>;
}

export interface RunningListener {
  /** Resolves after the first attempt, whatever became of it. */
  readonly firstAttempt: Promise<void>;
  /** Undefined before the first attempt has ended and once it is being stopped: that it is closed then says nothing. */
  isListening(): boolean | undefined;
  stop(): Promise<void>;
}

const retrySeconds = 5;

/** Keeps trying to open a listener whose address is taken or not there yet. */
export function runUntilStopped(
  listener: Listener,
  { name, clock, log }: { readonly name: string; readonly clock: ClockPort; readonly log: LoggerPort },
): RunningListener {
  const stopping = new AbortController();
  let isListening: boolean | undefined;
  let lastFailure = "";
  const attempt = async (): Promise<void> => {
    try {
      const { port } = await listener.start();
      isListening = true;
      log.info("listening", { listener: name, port });
    } catch (error) {
      isListening = false;
      const because = errorMessage(error);
      // As long as nothing changes there is nothing new to say every few seconds.
      if (because === lastFailure) return;
      lastFailure = because;
      const hint = error instanceof AppError && error.hint !== undefined ? error.hint : "";
      log.error("listener-not-started", { listener: name, because, hint });
    }
  };
  const firstAttempt = attempt();
  const retry = async (): Promise<void> => {
    await firstAttempt;
    while (isListening !== true && !stopping.signal.aborted) {
      await clock.sleep(retrySeconds * 1000, stopping.signal);
      await attempt();
    }
  };
  const retrying = retry().catch(() => undefined);
  return {
    firstAttempt,
    isListening: () => (stopping.signal.aborted ? undefined : isListening),
    stop: async () => {
      stopping.abort();
      // An attempt under way may still open it; what is stopped before that would stay open.
      await retrying;
      await listener.stop();
    },
  };
}
