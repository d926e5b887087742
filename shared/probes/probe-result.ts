/** What a probe of the managed system saw. */
export interface ProbeResult {
  readonly available: boolean;
  /** One sentence: what was answered, or why not. */
  readonly because: string;
  readonly durationMs: number;
}
