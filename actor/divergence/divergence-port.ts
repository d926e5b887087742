import type { DivergenceView } from "../core/divergence.js";

/** The divergence reports that stand on this server's disk. */
export interface DivergencePort {
  /** All of them, each with at most `limit` entries as examples; cheap for 0. Rejects when the disk does. */
  list(limit: number): Promise<readonly DivergenceView[]>;
  /** A person has looked at all there are now; durable when it resolves. Returns how many were new to him. */
  acknowledge(by: string, atMs: number): Promise<number>;
}
