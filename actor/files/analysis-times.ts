import type { ClockPort } from "../../shared/core/clock-port.js";
import type { ContentTime } from "./content-times.js";

export interface AnalysisTimesPorts {
  readonly clock: ClockPort;
  readonly fullAnalysisSeconds: number;
  /** 0 for never. */
  readonly contentAnalysisSeconds: number;
  readonly kept: { get(): ContentTime; set(value: ContentTime): Promise<void> };
}

/** After a start or a takeover the folder is compared as fast as it can be; the contents are read no sooner than so long afterwards. */
const contentRestMs = 600_000;

/** When a folder is to be compared in full, and when by content as well: by its intervals, and when somebody asked. Times are monotonic milliseconds. */
export class AnalysisTimes {
  readonly #ports: AnalysisTimesPorts;
  #lastContentAtMs = 0;
  #isFullAsked = false;
  #isAnswering = false;
  /** When somebody asked last, since the start, for any analysis and for one by content. */
  #askedAtMs = -Infinity;
  #contentAskedAtMs = -Infinity;
  /** When the first analysis since the start began. */
  #firstAtMs = Infinity;

  constructor(ports: AnalysisTimesPorts) {
    this.#ports = ports;
  }

  /** A source begins; without `isAnswering` it does nothing that is asked for. What was never compared by content is so one interval after the first start. */
  begin(isAnswering = true): void {
    const { clock, kept } = this.#ports;
    this.#isAnswering = isAnswering;
    const { lastAtMs } = kept.get();
    // A wall clock that was set back must not put it off.
    const agoMs = lastAtMs === 0 ? 0 : Math.max(0, clock.wallMs() - lastAtMs);
    this.#lastContentAtMs = clock.monotonicMs() - agoMs;
    this.#isFullAsked = false;
    this.#askedAtMs = -Infinity;
    this.#contentAskedAtMs = -Infinity;
    this.#firstAtMs = Infinity;
  }

  /** To be done as soon as it can be. That the contents are to be read is kept until it is done. */
  async ask(hasContent: boolean): Promise<void> {
    const { clock, kept } = this.#ports;
    if (hasContent) {
      this.#contentAskedAtMs = clock.monotonicMs();
      await kept.set({ ...kept.get(), isAsked: true });
    } else {
      this.#isFullAsked = true;
      this.#askedAtMs = clock.monotonicMs();
    }
  }

  /** What somebody has asked for and is not done. */
  get asked(): { readonly hasContent: boolean } | undefined {
    if (!this.#isAnswering) return undefined;
    const hasContent = this.#ports.kept.get().isAsked;
    return hasContent || this.#isFullAsked ? { hasContent } : undefined;
  }

  /** `lastFullAtMs`: when the last full analysis since the start began; -Infinity for none. */
  dueAtMs(lastFullAtMs: number): number {
    if (this.#isFullAsked) return lastFullAtMs;
    return Math.min(lastFullAtMs + this.#ports.fullAnalysisSeconds * 1000, this.#contentDueAtMs(lastFullAtMs));
  }

  isContentDue(lastFullAtMs: number): boolean {
    return this.#ports.clock.monotonicMs() >= this.#contentDueAtMs(lastFullAtMs);
  }

  /** One has come to its end. Who has asked since it began waits for another one: it may have looked before. */
  async noteDone(hasContent: boolean, beganAtMs: number): Promise<void> {
    const { clock, kept } = this.#ports;
    this.#isFullAsked &&= this.#askedAtMs > beganAtMs;
    this.#firstAtMs = Math.min(this.#firstAtMs, beganAtMs);
    if (hasContent) this.#lastContentAtMs = beganAtMs;
    const isFirst = this.#everyMs > 0 && kept.get().lastAtMs === 0;
    if (!hasContent && !isFirst) return;
    const isAnswered = hasContent && this.#contentAskedAtMs <= beganAtMs;
    const lastAtMs = Math.round(clock.wallMs() - (clock.monotonicMs() - this.#lastContentAtMs));
    await kept.set({ lastAtMs, isAsked: kept.get().isAsked && !isAnswered });
  }

  get #everyMs(): number {
    return this.#ports.contentAnalysisSeconds * 1000;
  }

  #contentDueAtMs(lastFullAtMs: number): number {
    // The first one after a start would make a failover slow.
    if (lastFullAtMs === -Infinity) return Infinity;
    if (this.#ports.kept.get().isAsked) return lastFullAtMs;
    if (this.#everyMs === 0) return Infinity;
    return Math.max(this.#lastContentAtMs + this.#everyMs, this.#firstAtMs + Math.min(this.#everyMs, contentRestMs));
  }
}
