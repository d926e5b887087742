import { z } from "zod";

/** A mail that waits for the mail server, as it will be sent. */
export const queuedMail = z.object({
  /** Also the left part of its Message-ID: sent twice, it is one message to whoever reads it. */
  id: z.string(),
  /** The id of the message that it continues; empty: it begins a thread. */
  inReplyTo: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  queuedAtMs: z.number(),
  attempts: z.int(),
  /** Wall clock; not tried before. */
  nextAttemptMs: z.number(),
});
export type QueuedMail = z.output<typeof queuedMail>;

/** Far more than a server says in a day on which everything goes wrong. */
export const queueLimit = 200;

/** How long to wait after each failed attempt; the last one again and again. */
const retryPausesSeconds = [5, 15, 30, 60, 120, 300] as const;

/** The queue with mails added at its end; what does not fit leaves from its beginning. */
export function addMails(
  queue: readonly QueuedMail[],
  added: readonly QueuedMail[],
): { readonly queue: readonly QueuedMail[]; readonly dropped: readonly QueuedMail[] } {
  const all = [...queue, ...added];
  const excess = Math.max(0, all.length - queueLimit);
  return { queue: all.slice(excess), dropped: all.slice(0, excess) };
}

/** The oldest mail, when it is time for it: mails leave in their order, so that "resolved" does not come first. */
export function nextMail(queue: readonly QueuedMail[], nowMs: number): QueuedMail | undefined {
  const [oldest] = queue;
  // A clock that was set back must not hold a mail for hours.
  const isHeld = oldest !== undefined && nowMs < oldest.nextAttemptMs && oldest.nextAttemptMs - nowMs <= longestPauseMs;
  return isHeld ? undefined : oldest;
}

const longestPauseMs = 300_000;

/** After a failed attempt: the same mail, tried again later. */
export function withFailedAttempt(queue: readonly QueuedMail[], id: string, nowMs: number): readonly QueuedMail[] {
  return queue.map((mail) => {
    if (mail.id !== id) return mail;
    const pauseSeconds = retryPausesSeconds[Math.min(mail.attempts, retryPausesSeconds.length - 1)] ?? 300;
    return { ...mail, attempts: mail.attempts + 1, nextAttemptMs: nowMs + pauseSeconds * 1000 };
  });
}

/** After the mail server has taken or refused it for good. */
export function withoutMail(queue: readonly QueuedMail[], id: string): readonly QueuedMail[] {
  return queue.filter((mail) => mail.id !== id);
}
