import { describe, expect, test } from "@jest/globals";
import { composeMail, type MailFacts } from "../../../actor/core/compose-mail.js";
import type { DueMessage } from "../../../actor/core/message-state.js";
import { anOperation } from "../../support/fake-actor.js";
import { sampleStatus } from "../../support/sample-status.js";

const nowMs = Date.UTC(2026, 0, 31, 3, 10, 0);
const facts: MailFacts = {
  message: {
    ...{ code: "MainAppInvisible", kind: "raised", sinceMs: nowMs - 300_000, because: "no <answer> & no page" },
    ...{ items: [], thread: "", isFirst: true },
  },
  timing: { delaySeconds: 120, repeatSeconds: 86_400 },
  own: sampleStatus(),
  peer: sampleStatus({ server: "primary", state: "working_with_errors", because: "the test page does not answer" }),
  links: { runbookUrl: "https://wiki.test/rb/", grafanaUrl: "", operationsUrl: "https://a.test:7402/ops" },
  nowMs,
};
const withMessage = (change: Partial<Record<keyof DueMessage, unknown>> & { kind?: MailFacts["message"]["kind"] }) => ({
  ...facts,
  message: { ...facts.message, ...change } as MailFacts["message"],
});

describe("a mail", () => {
  test("says in plain text what, since when, why, how both servers are, and where to go on", () => {
    const { subject, text } = composeMail(facts);
    expect(subject).toBe("[SpareSync shop] MainAppInvisible (secondary): The managed system is not available.");
    expect(text).toContain("MainAppInvisible\n\nThe managed system is not available.");
    for (const line of [
      "Pair:     shop",
      "Severity: critical",
      "Since:    2026-01-31 03:05:00 UTC (5 min)",
      "Why:      no <answer> & no page",
      "Repeated: every 24 h while it lasts",
      "- Server: secondary | primary, active",
      "- State: working: the primary is active | working_with_errors: the test page does not answer",
      "Runbook: https://wiki.test/rb/SpareSyncMainAppInvisible.md",
      "Operations: https://a.test:7402/ops",
    ])
      expect(text.split("\n")).toContain(line);
    expect(text).not.toContain("Dashboard");
  });

  test("links to the dashboard that shows what it is about, for this pair", () => {
    const dashboardFor = (code: MailFacts["message"]["code"]): string | undefined =>
      composeMail({
        ...withMessage({ code }),
        links: { ...facts.links, grafanaUrl: "https://grafana.test/" },
      })
        .text.split("\n")
        .find((line) => line.startsWith("Dashboard: "));
    const base = "Dashboard: https://grafana.test/d";
    expect(dashboardFor("MainAppInvisible")).toBe(`${base}/sparesync-pair-overview?var-pair=shop`);
    expect(dashboardFor("DbSyncProblemFatal")).toBe(`${base}/sparesync-synchronisation?var-pair=shop`);
    expect(dashboardFor("SwitchedFailed")).toBe(`${base}/sparesync-switchover?var-pair=shop`);
  });

  test("says the same in HTML, with every value escaped and nothing from elsewhere", () => {
    const { html } = composeMail(facts);
    expect(html).toContain("no &lt;answer&gt; &amp; no page");
    expect(html).toContain('<a href="https://wiki.test/rb/SpareSyncMainAppInvisible.md">');
    expect(html).not.toMatch(/<script|<img|<link|src=|no <answer>/);
  });

  test.each<{ kind: MailFacts["message"]["kind"]; subject: string; line: string }>([
    { kind: "repeated", subject: "still: MainAppInvisible", line: "Repeated: every 24 h while it lasts" },
    { kind: "resolved", subject: "resolved: MainAppInvisible", line: "Ended:    2026-01-31 03:10:00 UTC" },
    {
      kind: "test",
      subject: "test: MainAppInvisible",
      line: "This is a test. The message would say: The managed system is not available.",
    },
  ])("that is $kind says so", ({ kind, subject, line }) => {
    const mail = composeMail(withMessage({ kind }));
    expect(mail.subject).toContain(subject);
    expect(mail.text.split("\n")).toContain(line);
  });

  test("names the folders or databases that it is about, not all of many", () => {
    const title = (items: readonly string[]) =>
      /\] (.*) \(secondary\)/.exec(composeMail(withMessage({ code: "FileSyncProblemWarn", items })).subject)?.[1];
    expect(title(["uploads"])).toBe("FileSyncProblemWarn uploads");
    expect(title(["a", "b", "c"])).toBe("FileSyncProblemWarn a, b, c");
    expect(title(["a", "b", "c", "d", "e"])).toBe("FileSyncProblemWarn a, b, c and 2 more");
  });

  test("shows the steps of the operation and why it came about", () => {
    const step = {
      name: "drain",
      title: "Send what is left",
      runsOn: "primary",
      startedAtMs: 1,
      endedAtMs: 2,
    } as const;
    const operation = { ...anOperation, steps: [{ ...step, state: "failed" as const, because: "no room" }] };
    const { text } = composeMail({ ...facts, own: sampleStatus({ operation }) });
    expect(text).toContain("- switch-to-secondary op1: running, asked for by olga: patches");
    expect(text).toContain("- failed: Send what is left, on the primary (no room)");
  });

  test("without a word of the other server says so", () => {
    expect(composeMail({ ...facts, peer: undefined }).text).toContain("- Server: secondary | not heard of");
  });

  test("has one line as its subject, whatever is in it", () => {
    const own = sampleStatus({ pair: "shop\r\nBcc: everybody@example.test" });
    expect(composeMail({ ...facts, own }).subject).not.toMatch(/[\r\n]/);
  });
});
