import type { Acknowledgement } from "./client.js";

/** The first acknowledgement of a request that was sent after a moment; undefined when there is none yet. */
export function firstAfter(acknowledged: readonly Acknowledgement[], atMs: number): Acknowledgement | undefined {
  return acknowledged.find((item) => item.atMs > atMs);
}

/** The longest time between two acknowledged rows of which the second came after `fromMs`, in seconds. */
export function longestGapSeconds(acknowledged: readonly Acknowledgement[], fromMs: number): number {
  const times = acknowledged.filter(({ kind }) => kind === "row").map(({ atMs }) => atMs);
  const gaps = times.map((atMs, index) => (index > 0 && atMs > fromMs ? atMs - (times[index - 1] ?? atMs) : 0));
  return Math.max(0, ...gaps) / 1000;
}
