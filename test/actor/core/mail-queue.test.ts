import { describe, expect, test } from "@jest/globals";
import {
  addMails,
  nextMail,
  queueLimit,
  withFailedAttempt,
  withoutMail,
  type QueuedMail,
} from "../../../actor/core/mail-queue.js";

const mail = (id: string, change: Partial<QueuedMail> = {}): QueuedMail => ({
  ...{ id, inReplyTo: "", subject: id, text: "", html: "" },
  ...{ queuedAtMs: 0, attempts: 0, nextAttemptMs: 0, ...change },
});
const ids = (queue: readonly QueuedMail[]) => queue.map(({ id }) => id);

describe("mails that wait", () => {
  test("leave in their order", () => {
    const { queue } = addMails([mail("a")], [mail("b")]);
    expect(nextMail(queue, 0)?.id).toBe("a");
    expect(ids(withoutMail(queue, "a"))).toEqual(["b"]);
    expect(nextMail([], 0)).toBeUndefined();
  });

  test("are bounded: the oldest leaves, and is named", () => {
    const full = Array.from({ length: queueLimit }, (_, index) => mail(`m${index}`));
    const { queue, dropped } = addMails(full, [mail("new")]);
    expect([queue.length, queue[0]?.id, queue.at(-1)?.id, ids(dropped)]).toEqual([queueLimit, "m1", "new", ["m0"]]);
  });

  test("are tried again later and later, up to every five minutes, and hold those behind them", () => {
    let queue: readonly QueuedMail[] = [mail("a"), mail("b")];
    const pauses = Array.from({ length: 8 }, () => {
      queue = withFailedAttempt(queue, "a", 1000);
      return ((queue[0]?.nextAttemptMs ?? 0) - 1000) / 1000;
    });
    expect(pauses).toEqual([5, 15, 30, 60, 120, 300, 300, 300]);
    expect(queue[0]?.attempts).toBe(8);
    expect(nextMail(queue, 300_999)).toBeUndefined();
    expect(nextMail(queue, 301_000)?.id).toBe("a");
  });

  test("are not held for hours by a clock that was set back", () => {
    expect(nextMail([mail("a", { nextAttemptMs: 7_200_000 })], 1000)?.id).toBe("a");
  });
});
