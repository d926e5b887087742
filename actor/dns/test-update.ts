import { errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { Update } from "../core/dns-update.js";
import { planTestAddition, planTestDeletion, testRecordName } from "../core/dns-test-update.js";

/** One thing that was tried at the name servers, in order; after one that failed only the cleaning up follows. */
export interface NameServerTestLine {
  readonly what: string;
  readonly passed: boolean;
  readonly because: string;
  readonly seconds: number;
}

export interface TestUpdateOptions {
  readonly where: { readonly zone: string; readonly name: string };
  /** Unlike any other test's. */
  readonly text: string;
  readonly clock: ClockPort;
  /** Sends a signed update; rejects, or resolves to why it is not done ("" when it is). */
  readonly send: (update: Update) => Promise<string>;
  /** The texts at a name as the update server answers them. */
  readonly readTexts: (name: string) => Promise<readonly string[]>;
}

/** Adds a test name, reads it back, deletes it and sees that it is gone. Never rejects; touches no other name. */
export async function testUpdate(options: TestUpdateOptions): Promise<readonly NameServerTestLine[]> {
  const { where, text, clock, send, readTexts } = options;
  const name = testRecordName(where.name);
  const lines: NameServerTestLine[] = [];
  const attempt = async (what: string, work: () => Promise<string>): Promise<boolean> => {
    const startedAtMs = clock.monotonicMs();
    const because = await work().catch((error: unknown) => errorMessage(error));
    lines.push({ what, passed: because === "", because, seconds: (clock.monotonicMs() - startedAtMs) / 1000 });
    return because === "";
  };
  const isAdded = await attempt(`add ${name}`, () => send(planTestAddition(where, text)));
  if (isAdded) {
    await attempt(`read ${name} back`, async () => {
      const texts = await readTexts(name);
      return texts.includes(text) ? "" : `it is answered as ${texts.length === 0 ? "missing" : texts.join(", ")}`;
    });
  }
  // Also after an addition whose answer was lost: it may be there.
  const isDeleted = await attempt(`delete ${name}`, () => send(planTestDeletion(where, text)));
  if (isAdded && isDeleted) {
    await attempt(`see that ${name} is gone`, async () => {
      const texts = await readTexts(name);
      return texts.length === 0 ? "" : `it is answered as ${texts.join(", ")}`;
    });
  }
  return isAdded ? lines : lines.slice(0, 1);
}
