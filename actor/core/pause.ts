import { z } from "zod";

/** A pause of automatic switching: always with an end and a reason. Times are Unix milliseconds. */
export const pauseSchema = z.object({
  untilMs: z.number(),
  setAtMs: z.number(),
  setBy: z.string(),
  reason: z.string(),
});
export type Pause = z.output<typeof pauseSchema>;

/** What is kept of it; grows with each change, so that the later one wins when the servers meet again. */
export const keptPauseSchema = z.object({
  sequence: z.int().min(0),
  pause: pauseSchema.nullable(),
  /** Who has ended it before its time; empty while it lasts. */
  endedBy: z.string().default(""),
});
export type KeptPause = z.output<typeof keptPauseSchema>;

export const noPause: KeptPause = { sequence: 0, pause: null, endedBy: "" };

/** The pause that holds at a moment; one whose end has passed holds no more, whoever was to end it. */
export function pauseAt({ pause }: Pick<KeptPause, "pause">, nowMs: number): Pause | undefined {
  return pause !== null && pause.untilMs > nowMs ? pause : undefined;
}

/**
 * Of two servers' memories the one that both go on with. Changed as often on both sides while apart: the one that
 * pauses longer, for a pause does nothing that would have to be undone.
 */
export function laterPause<Memory extends Pick<KeptPause, "sequence" | "pause">>(own: Memory, told: Memory): Memory {
  if (told.sequence !== own.sequence) return told.sequence > own.sequence ? told : own;
  return rank(told) > rank(own) ? told : own;
}

/** The texts only keep two pauses with the same end from changing places for ever. */
function rank({ pause }: Pick<KeptPause, "pause">): string {
  if (pause === null) return "";
  return `${String(pause.untilMs).padStart(20, "0")} ${pause.setBy} ${pause.reason}`;
}
