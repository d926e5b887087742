import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** What processes have used: processor time, and the most memory they held. */
export interface Usage {
  readonly cpuSeconds: number;
  /** The largest sum, at one time, of the peaks (VmHWM) of the processes that ran then: never less than they held. */
  readonly peakBytes: number;
}

/** USER_HZ: on Linux always 100 for programs, whatever the kernel's own tick is. */
const ticksPerSecond = 100;
const sampleMs = 20;

/** Whether this machine tells what processes use (Linux's /proc). */
export function canMeasureUsage(): boolean {
  return process.platform === "linux";
}

/**
 * Follows processes with everything they start. Processor time of a child is counted by its parent when it has ended
 * (proc(5), cutime); peaks of children come from samples every 20 ms, so a shorter-lived one can be missed.
 */
export class UsageMeter {
  readonly #roots: readonly number[];
  #peakBytes = 0;
  readonly #timer: NodeJS.Timeout | undefined;

  /** `hasChildren`: false for processes that start none; then the kernel alone keeps the peak, and nobody's time is taken. */
  constructor(roots: readonly number[], { hasChildren = true }: { readonly hasChildren?: boolean } = {}) {
    this.#roots = roots;
    if (hasChildren) {
      this.#timer = setInterval(() => {
        this.#sample();
      }, sampleMs);
      this.#timer.unref();
    }
    this.reset();
  }

  /** Forgets the peaks so far: what comes next is measured from what is held now. */
  reset(): void {
    this.#peakBytes = 0;
    for (const pid of this.#tree()) resetPeak(pid);
    this.#sample();
  }

  now(): Usage {
    this.#sample();
    const cpuSeconds = this.#tree().reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
    return { cpuSeconds, peakBytes: this.#peakBytes };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const bytes = this.#tree().reduce((sum, pid) => sum + peakBytesOf(pid), 0);
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
  }

  #tree(): number[] {
    const found: number[] = [];
    const look = (pid: number): void => {
      found.push(pid);
      childrenOf(pid).forEach(look);
    };
    this.#roots.forEach(look);
    return found;
  }
}

/** The processes that this one has started and that run still. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function cpuSecondsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold anything; utime, stime, cutime and cstime are fields 14 to 17 (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return ticks / ticksPerSecond;
  } catch {
    return 0;
  }
}

function peakBytesOf(pid: number): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function resetPeak(pid: number): void {
  try {
    // proc(5): 5 resets the peak resident size to what is resident now.
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // Not permitted everywhere; then the peak is that of the whole life, which is never too small.
  }
}
