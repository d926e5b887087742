import { describe, expect, test } from "@jest/globals";
import type { HeldAlert } from "../../../actor/core/held-alert.js";
import { queueLimit, type QueuedMail } from "../../../actor/core/mail-queue.js";
import { MessageOutbox } from "../../../actor/message-outbox.js";
import { sendTestMessage } from "../../../actor/send-test-message.js";
import { deliver, lookForMessages } from "../../../actor/watch/message-watch.js";
import { AppError } from "../../../shared/core/app-error.js";
import { benchContext, type ContextBench } from "../../support/context-bench.js";
import { noMail } from "../../support/no-mail.js";
import { exampleSettings } from "../../support/settings-example.js";

interface MailBench extends ContextBench {
  outbox: MessageOutbox;
  readonly sent: QueuedMail[];
  failure: Error | undefined;
  readonly alerts: HeldAlert[];
  document: unknown;
  isDiskFull: boolean;
  listening: { admin: boolean; link: boolean };
  /** Looks and delivers. */
  look(): Promise<void>;
  restart(): Promise<void>;
}

async function mailBench(notifications: Record<string, unknown> = {}): Promise<MailBench> {
  const settings = exampleSettings((input) => {
    const mail = { server: { host: "127.0.0.1", port: 25 }, from: "s@example.test", to: ["a@example.test"] };
    Object.assign(input, {
      notifications: { via: "mail", overrides: ["HttpServerNotStarted:10:100"], mail, ...notifications },
    });
  });
  const base = await benchContext("primary", { settings });
  const bench: Omit<MailBench, "outbox"> & { outbox: MessageOutbox | undefined } = {
    ...base,
    outbox: undefined,
    sent: [],
    failure: undefined,
    alerts: [],
    document: undefined,
    isDiskFull: false,
    listening: { admin: true, link: true },
    look: async () => {
      const { outbox } = bench as MailBench;
      await lookForMessages(base.context, outbox);
      await deliver(base.context, outbox);
    },
    restart: async () => {
      bench.outbox = await MessageOutbox.open(base.ports.messages.outbox, base.ports.log);
    },
  };
  Object.assign(base.ports, {
    messages: {
      ...noMail,
      canMail: true,
      sendMail: (mail: QueuedMail) => {
        if (bench.failure) return Promise.reject(bench.failure);
        bench.sent.push(mail);
        return Promise.resolve();
      },
      heldAlerts: () => Promise.resolve(bench.alerts),
      listening: () => bench.listening,
      outbox: {
        read: () => Promise.resolve(bench.document),
        write: (document: unknown) => {
          if (bench.isDiskFull) return Promise.reject(new Error("the disk is full"));
          bench.document = JSON.parse(JSON.stringify(document));
          return Promise.resolve();
        },
      },
    },
  });
  // Connected and sound, so that only what the test is about is said.
  Object.assign(base.context.situation, { isFirstConfirmationOver: true, isFirstHeartbeatOver: true });
  await bench.restart();
  await base.context.store.change((facts) => ({ ...facts, peerLastWord: "" }));
  return bench as MailBench;
}

const subjects = (bench: MailBench) =>
  bench.sent.map(({ subject }) => /\] (.*) \(/.exec(subject)?.[1]).filter((text) => text?.includes("HttpServer"));

async function closeListenerFor(bench: MailBench, seconds: number): Promise<void> {
  bench.listening = { admin: false, link: true };
  await bench.look();
  bench.ports.clock.nowMs += seconds * 1000;
  await bench.look();
}

describe("messages", () => {
  test("are mailed after their delay, repeated at their frequency, and called over, in one thread", async () => {
    const bench = await mailBench();
    await closeListenerFor(bench, 9);
    expect(subjects(bench)).toEqual([]);
    bench.ports.clock.nowMs += 1000;
    await bench.look();
    bench.ports.clock.nowMs += 100_000;
    await bench.look();
    bench.listening = { admin: true, link: true };
    await bench.look();
    await bench.look();
    expect(subjects(bench)).toEqual([
      "HttpServerNotStarted",
      "still: HttpServerNotStarted",
      "resolved: HttpServerNotStarted",
    ]);
    const thread = bench.sent.filter(({ subject }) => subject.includes("HttpServer"));
    expect(thread.map(({ inReplyTo }) => inReplyTo)).toEqual(["", thread[0]?.id, thread[0]?.id]);
    expect(new Set(thread.map(({ id }) => id)).size).toBe(3);
  });

  test("that were said before a restart are not said again after it, and are repeated in time", async () => {
    const bench = await mailBench();
    await closeListenerFor(bench, 10);
    await bench.restart();
    await bench.look();
    expect(subjects(bench)).toEqual(["HttpServerNotStarted"]);
    bench.ports.clock.nowMs += 100_000;
    await bench.look();
    await bench.look();
    expect(subjects(bench)).toEqual(["HttpServerNotStarted", "still: HttpServerNotStarted"]);
  });

  test("wait for an unreachable mail server, over a restart too, and then leave in their order", async () => {
    const bench = await mailBench();
    bench.failure = new AppError("MAIL_FAILED", "nobody answers");
    await closeListenerFor(bench, 10);
    bench.listening = { admin: true, link: true };
    await bench.look();
    await bench.restart();
    await bench.look();
    expect(bench.sent).toEqual([]);
    bench.failure = undefined;
    bench.ports.clock.nowMs += 5000;
    await bench.look();
    await bench.look();
    expect(subjects(bench)).toEqual(["HttpServerNotStarted", "resolved: HttpServerNotStarted"]);
    expect(bench.ports.events().filter((event) => event === "message-not-sent")).toHaveLength(1);
  });

  test("that the mail server refuses for good are dropped loudly and hold up no other", async () => {
    const bench = await mailBench();
    bench.failure = new AppError("MAIL_REFUSED", "no such user");
    await closeListenerFor(bench, 10);
    expect(bench.outbox.document.queue).toEqual([]);
    expect(bench.ports.events()).toContain("message-dropped");
    expect(bench.context.store.facts.events.at(-1)).toMatchObject({ name: "MessageDropped" });
  });

  test("that are too many leave at the front, loudly", async () => {
    const bench = await mailBench();
    bench.failure = new AppError("MAIL_FAILED", "nobody answers");
    const [first] = Array.from({ length: queueLimit }, (_, index) => ({ id: `m${index}` }));
    const waiting = { inReplyTo: "", subject: "old", text: "", html: "", queuedAtMs: 0, attempts: 0, nextAttemptMs: 0 };
    await bench.outbox.change((document) => ({
      ...document,
      queue: Array.from({ length: queueLimit }, (_, index) => ({ id: `m${index}`, ...waiting })),
    }));
    await closeListenerFor(bench, 10);
    const { queue } = bench.outbox.document;
    expect(queue).toHaveLength(queueLimit);
    expect(queue.some(({ id }) => id === first?.id)).toBe(false);
    expect(bench.ports.log.lines).toContainEqual(expect.objectContaining({ level: "error", event: "message-dropped" }));
  });

  test("are sent although the disk is full, which is one of the things to tell", async () => {
    const bench = await mailBench();
    bench.isDiskFull = true;
    await closeListenerFor(bench, 10);
    await bench.look();
    expect(subjects(bench)).toEqual(["HttpServerNotStarted"]);
    expect(bench.ports.events()).toContain("outbox-not-kept");
  });

  test("of an event tell who, and are sent once", async () => {
    const bench = await mailBench();
    await bench.look();
    const change = { isEnabled: false, enabledBecause: "olga: patches" };
    await bench.context.store.change((facts) => ({ ...facts, ...change }));
    bench.ports.clock.nowMs += 1000;
    await bench.look();
    await bench.look();
    const told = bench.sent.filter(({ subject }) => subject.includes("TurnedOff"));
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toMatch(/^By: +olga$/m);
    expect(told[0]?.text).toMatch(/^Why: +patches$/m);
  });
});

describe("via auto", () => {
  const via = { via: "auto", alertmanagers: ["http://127.0.0.1:9093"] };

  test("a message is mailed a minute after its delay, unless Alertmanager has taken it", async () => {
    const bench = await mailBench(via);
    await closeListenerFor(bench, 69);
    expect(subjects(bench)).toEqual([]);
    bench.ports.clock.nowMs += 1000;
    await bench.look();
    expect(subjects(bench)).toEqual(["HttpServerNotStarted"]);
  });

  test("what Alertmanager has taken in that minute is not mailed", async () => {
    const bench = await mailBench(via);
    await closeListenerFor(bench, 30);
    bench.alerts.push({ code: "HttpServerNotStarted", labels: { side: "primary" }, startsAtMs: 0 });
    await bench.look();
    bench.ports.clock.nowMs += 60_000;
    await bench.look();
    expect(subjects(bench)).toEqual([]);
  });

  test("where no Alertmanager is set nothing is waited for", async () => {
    const bench = await mailBench({ via: "auto" });
    await closeListenerFor(bench, 10);
    expect(subjects(bench)).toEqual(["HttpServerNotStarted"]);
  });
});

describe("a test message", () => {
  test("is sent at once, past the queue, and stands in the history", async () => {
    const bench = await mailBench();
    await sendTestMessage(bench.context, "SwitchedFailed", "olga");
    expect(bench.sent[0]?.subject).toContain("test: SwitchedFailed");
    expect(bench.context.store.facts.events.at(-1)).toMatchObject({
      name: "OperatorActed",
      who: "olga",
      result: "sent",
    });
  });

  test("that is not taken, or cannot be, says why", async () => {
    const bench = await mailBench();
    bench.failure = new AppError("MAIL_FAILED", "nobody answers");
    await expect(sendTestMessage(bench.context, "TurnedOn", "olga")).rejects.toThrow("nobody answers");
    const { context } = await benchContext("primary");
    await expect(sendTestMessage(context, "TurnedOn", "olga")).rejects.toMatchObject({ code: "MAIL_NOT_SET" });
  });
});
