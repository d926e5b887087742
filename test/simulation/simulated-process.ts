import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { Asker } from "./simulated-network.js";
import type { VirtualTime } from "./virtual-time.js";

/** What decides whether something of a process may run now. */
export interface ProcessState {
  /** False: it never runs again. */
  readonly isAlive: () => boolean;
  /** It stands still; what is due is kept until it goes on. */
  readonly isHeld: () => boolean;
}

/** The clocks of the machine that a process runs on. */
export interface MachineClocks {
  monotonicMs(): number;
  wallMs(): number;
  /** Seconds of its own in a second of the world. */
  readonly driftRatio: number;
}

/** Made once: tens of thousands of sleeps are cancelled in a run, and nobody looks at where. */
const cancelled = new AppError("ABORTED", "cancelled");

/** One incarnation of one process: after a kill nothing of it ever runs, while it is held everything waits. */
export class SimulatedProcess implements Asker {
  constructor(
    private readonly time: VirtualTime,
    private readonly state: ProcessState,
    /** Where the host keeps what is due while it is held. */
    private readonly held: (() => void)[],
  ) {}

  schedule(delayMs: number, run: () => void): () => void {
    return this.time.schedule(delayMs, () => {
      this.deliver(run);
    });
  }

  deliver(run: () => void): void {
    if (!this.state.isAlive()) return;
    if (!this.state.isHeld()) run();
    else {
      this.held.push(() => {
        this.deliver(run);
      });
    }
  }

  clock(machine: MachineClocks): ClockPort {
    return {
      monotonicMs: () => machine.monotonicMs(),
      wallMs: () => machine.wallMs(),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) {
            reject(cancelled);
            return;
          }
          const abort = (): void => {
            takeBack();
            reject(cancelled);
          };
          const takeBack = this.schedule(Math.max(1, ms / machine.driftRatio), () => {
            signal?.removeEventListener("abort", abort);
            resolve();
          });
          signal?.addEventListener("abort", abort);
        }),
    };
  }
}
