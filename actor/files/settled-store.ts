import path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import type { ClockPort } from "../../shared/core/clock-port.js";

const settled = z.strictObject({
  epoch: z.number(),
  completeUpToMs: z.number(),
  lastFullAnalysisAtMs: z.number(),
  isComplete: z.boolean(),
});
/** What the source last said this target holds. */
export type Settled = z.output<typeof settled>;

const nothing: Settled = { epoch: 0, completeUpToMs: 0, lastFullAnalysisAtMs: 0, isComplete: false };
/** After a restart with the source gone, what is known may be this much older than the truth, never newer. */
const writeEveryMs = 10_000;

/**
 * The last word of the source about each folder, kept over a restart: when the source is gone, only this says whether the
 * target is a whole copy and how much may be missing.
 */
export class SettledStore {
  readonly #file: string;
  readonly #clock: ClockPort;
  readonly #folders = new Map<string, Settled>();
  #writtenAtMs = 0;

  constructor(stateDirectory: string, clock: ClockPort) {
    this.#file = path.join(stateDirectory, "files-settled.json");
    this.#clock = clock;
  }

  /** Reads what was kept; what cannot be understood counts as nothing known, which is the safe side. */
  async load(): Promise<void> {
    const text = await readFileIfExists(this.#file);
    if (text === undefined) return;
    try {
      const kept = z.record(z.string(), settled).parse(JSON.parse(text));
      for (const [folder, value] of Object.entries(kept)) this.#folders.set(folder, value);
    } catch {
      this.#folders.clear();
    }
  }

  get isAnythingKnown(): boolean {
    return this.#folders.size > 0;
  }

  /** Nothing is known of a folder under an epoch for which the source has not settled it yet. */
  get(folder: string, epoch: number): Settled {
    const known = this.#folders.get(folder);
    return known?.epoch === epoch ? known : nothing;
  }

  /** The last word of another server's time as source, of an epoch before this one; 0 when it never held everything. */
  completeBefore(folder: string, epoch: number): number {
    const known = this.#folders.get(folder);
    return known !== undefined && known.epoch < epoch ? known.completeUpToMs : 0;
  }

  async set(folder: string, value: Settled): Promise<void> {
    const before = this.#folders.get(folder);
    this.#folders.set(folder, value);
    const isNews = before?.epoch !== value.epoch || before.isComplete !== value.isComplete;
    const nowMs = this.#clock.monotonicMs();
    if (!isNews && nowMs - this.#writtenAtMs < writeEveryMs) return;
    this.#writtenAtMs = nowMs;
    await writeFileAtomically(this.#file, JSON.stringify(Object.fromEntries(this.#folders)));
  }
}
