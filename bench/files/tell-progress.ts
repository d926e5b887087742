import { setTimeout as sleep } from "node:timers/promises";
import type { Session } from "./contender.js";

/** Rare enough that being asked costs the one who is measured nothing that shows. */
const everyMs = 15_000;

/** Runs something that may take minutes and tells how far the session says it is, where it can say so. */
export async function tellProgress<Result>(
  session: Session,
  note: (text: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const end = new AbortController();
  const told = tellUntil(session, note, end.signal);
  try {
    return await work();
  } finally {
    end.abort();
    await told;
  }
}

async function tellUntil(session: Session, note: (text: string) => void, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  const isOver = (): Promise<boolean> => sleep(everyMs, false, { signal }).catch(() => true);
  while (!(await isOver())) {
    const how = await session.progress?.().catch(() => undefined);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    note(how === undefined ? `at it for ${seconds} s` : `at it for ${seconds} s: ${how}`);
  }
}
