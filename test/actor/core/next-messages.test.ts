import { describe, expect, test } from "@jest/globals";
import type { HeldAlert } from "../../../actor/core/held-alert.js";
import { messageState, noMessages, type MessageFacts, type MessageState } from "../../../actor/core/message-state.js";
import { isAlertmanagerAwaited, nextMessages } from "../../../actor/core/next-messages.js";
import type { EventRecord } from "../../../shared/core/event-record.js";
import type { MessageCode } from "../../../shared/core/message-catalogue.js";
import { messageTiming } from "../../../shared/core/message-timing.js";

const timing = (code: MessageCode) => messageTiming(code, ["MissingConnection:60:100", "TurnedOff:10:-"]);

interface Moment {
  readonly at: number;
  /** The conditions that hold, as "code" or "code item". */
  readonly holds?: readonly string[];
  readonly muted?: readonly MessageCode[];
  /** Alerts that Alertmanager holds. */
  readonly alerts?: readonly HeldAlert[];
  readonly events?: readonly EventRecord[];
  readonly grace?: number;
}

const event = (sequence: number, name: string, atSeconds: number): EventRecord => ({
  ...{ sequence, name, atMs: atSeconds * 1000, server: "primary", who: "olga", why: "patches" },
  ...{ result: "", subject: "" },
});

const alert = (code: MessageCode, labels: HeldAlert["labels"] = {}, startsAtSeconds = 1e6): HeldAlert => ({
  ...{ code, labels, startsAtMs: startsAtSeconds * 1000 },
});

/** What is said at each moment, as "at code kind", with the items after the code where there are any; what is remembered goes through its JSON form in between. */
function said(moments: readonly Moment[], from: MessageState = { ...noMessages, eventSequence: 0 }): string[] {
  let state = from;
  return moments.flatMap((moment) => {
    const facts: MessageFacts = {
      server: "primary",
      present: (moment.holds ?? []).map((name) => {
        const [code, item = ""] = name.split(" ");
        return { code: code as MessageCode, item, because: "gone" };
      }),
      events: moment.events ?? [],
      muted: moment.muted ?? [],
      alerts: moment.alerts ?? [],
      graceSeconds: moment.grace ?? 0,
      timing,
      nowMs: moment.at * 1000,
    };
    const step = nextMessages(state, facts);
    state = messageState.parse(JSON.parse(JSON.stringify(step.state)));
    return step.messages.map(({ code, items, kind }) => [moment.at, code, ...items, kind].join(" "));
  });
}

const lost = ["MissingConnection"] as const;
const holding = (...times: number[]): Moment[] => times.map((at) => ({ at, holds: lost }));
const waiting = (...times: number[]): Moment[] => holding(...times).map((moment) => ({ ...moment, grace: 60 }));

describe("a condition", () => {
  test.each<{ when: string; moments: Moment[]; expected: string[] }>([
    { when: "it has not held for its delay", moments: holding(0, 59.9), expected: [] },
    { when: "it has held for its delay", moments: holding(0, 60, 61), expected: ["60 MissingConnection raised"] },
    { when: "it was away in between", moments: [...holding(0, 50), { at: 55 }, ...holding(58, 110)], expected: [] },
    { when: "it ended before its delay", moments: [...holding(0), { at: 30 }], expected: [] },
    {
      when: "it lasts: repeated at its frequency from the first time on",
      moments: holding(0, 60, 159.9, 160, 259.9, 260),
      expected: ["60 MissingConnection raised", "160 MissingConnection repeated", "260 MissingConnection repeated"],
    },
    {
      when: "it was said and is over",
      moments: [...holding(0, 60), { at: 70 }, { at: 71 }],
      expected: ["60 MissingConnection raised", "70 MissingConnection resolved"],
    },
    {
      when: "it comes again: its delay begins anew",
      moments: [...holding(0, 60), { at: 70 }, ...holding(80, 139, 140)],
      expected: ["60 MissingConnection raised", "70 MissingConnection resolved", "140 MissingConnection raised"],
    },
    {
      when: "it is muted: not said then, at once after it",
      moments: [{ at: 0, holds: lost, muted: lost }, { at: 99, holds: lost, muted: lost }, ...holding(100)],
      expected: ["100 MissingConnection raised"],
    },
    {
      when: "it is muted after it was said: neither repeated nor called over",
      moments: [...holding(0, 60), { at: 200, holds: lost, muted: lost }, ...holding(201)],
      expected: ["60 MissingConnection raised", "201 MissingConnection repeated"],
    },
    {
      when: "Alertmanager has taken it: not mailed, and not called over",
      moments: [
        ...waiting(0, 60),
        { at: 70, holds: lost, grace: 60, alerts: [alert("MissingConnection", { side: "primary" })] },
        ...waiting(121),
        { at: 130 },
      ],
      expected: [],
    },
    {
      when: "Alertmanager has not taken it within the delay and a minute",
      moments: waiting(0, 60, 119.9, 120),
      expected: ["120 MissingConnection raised"],
    },
    {
      when: "Alertmanager took it, but is away when it is to be repeated",
      moments: [
        ...waiting(0),
        { at: 60, holds: lost, grace: 60, alerts: [alert("MissingConnection", { side: "primary" })] },
        ...waiting(219, 220),
      ],
      expected: ["220 MissingConnection repeated"],
    },
  ])("$when", ({ moments, expected }) => {
    expect(said(moments)).toEqual(expected);
  });

  const warned = (name: string) => `FileSyncProblemWarn ${name}`;
  test.each<{ when: string; moments: Moment[]; expected: string[] }>([
    {
      when: "another folder has it later",
      moments: [
        { at: 0, holds: [warned("a")] },
        { at: 60, holds: [warned("a"), warned("b")] },
        { at: 120, holds: [warned("a"), warned("b")] },
      ],
      expected: ["60 FileSyncProblemWarn a raised", "120 FileSyncProblemWarn b raised"],
    },
    {
      when: "several have it at once: one message, and each is called over when it is well",
      moments: [
        { at: 0, holds: [warned("a"), warned("b"), warned("c")] },
        { at: 60, holds: [warned("a"), warned("b"), warned("c")] },
        { at: 70, holds: [warned("a")] },
        { at: 80 },
      ],
      expected: [
        "60 FileSyncProblemWarn a b c raised",
        "70 FileSyncProblemWarn b c resolved",
        "80 FileSyncProblemWarn a resolved",
      ],
    },
    {
      when: "Alertmanager has taken that of one folder only",
      moments: [
        { at: 0, holds: [warned("a"), warned("b")], grace: 60 },
        ...[60, 120].map((at) => ({
          ...{ at, holds: [warned("a"), warned("b")], grace: 60 },
          alerts: [alert("FileSyncProblemWarn", { folder: "a" })],
        })),
      ],
      expected: ["120 FileSyncProblemWarn b raised"],
    },
    {
      when: "Alertmanager has taken that of the other server only",
      moments: [0, 120].map((at) => ({
        ...{ at, holds: lost, grace: 60 },
        alerts: [alert("MissingConnection", { side: "secondary" })],
      })),
      expected: ["120 MissingConnection raised"],
    },
    {
      when: "Alertmanager has taken that of the whole pair",
      moments: [0, 120].map((at) => ({
        ...{ at, holds: ["MainAppInvisible"], grace: 0 },
        alerts: [alert("MainAppInvisible", { pair: "shop" })],
      })),
      expected: [],
    },
  ])("of one folder or server: $when", ({ moments, expected }) => {
    expect(said(moments)).toEqual(expected);
  });

  test("that Alertmanager told first and mail repeats begins a thread, which the next ones answer", () => {
    const facts = (at: number, alerts: readonly HeldAlert[] = []): MessageFacts => ({
      ...{ server: "primary", present: [{ code: "MissingConnection", item: "", because: "" }], events: [], muted: [] },
      ...{ alerts, graceSeconds: 0, timing, nowMs: at * 1000 },
    });
    let state = nextMessages(noMessages, facts(0)).state;
    state = nextMessages(state, facts(60, [alert("MissingConnection")])).state;
    const first = nextMessages(state, facts(160));
    const second = nextMessages(first.state, facts(260));
    const over = nextMessages(second.state, { ...facts(270), present: [] });
    const [one] = first.messages;
    expect(one).toMatchObject({ kind: "repeated", isFirst: true });
    expect([...second.messages, ...over.messages]).toMatchObject([
      { kind: "repeated", isFirst: false, thread: one!.thread },
      { kind: "resolved", isFirst: false, thread: one!.thread },
    ]);
  });

  test("that is said once is not repeated", () => {
    const holds = ["DbSyncReInitRequired"] as const;
    expect(said([0, 1, 1_000_000].map((at) => ({ at, holds })))).toEqual(["1 DbSyncReInitRequired raised"]);
  });
});

describe("an event", () => {
  const off = [event(1, "TurnedOff", 5)];
  test.each<{ when: string; moments: Moment[]; expected: string[] }>([
    { when: "its delay is not over", moments: [{ at: 14.9, events: off }], expected: [] },
    {
      when: "its delay is over, once",
      moments: [
        { at: 6, events: off },
        { at: 15, events: off },
        { at: 16, events: off },
      ],
      expected: ["15 TurnedOff event"],
    },
    {
      when: "it left the kept events meanwhile",
      moments: [
        { at: 6, events: off },
        { at: 15, events: [event(60, "MarkedChecked", 7)] },
      ],
      expected: ["15 TurnedOff event"],
    },
    { when: "it is no message", moments: [{ at: 20, events: [event(1, "MarkedChecked", 5)] }], expected: [] },
    {
      when: "two of one kind happened",
      moments: [{ at: 20, events: [event(1, "TurnedOff", 5), event(2, "TurnedOff", 6)] }],
      expected: ["20 TurnedOff event", "20 TurnedOff event"],
    },
    {
      when: "Alertmanager has taken it",
      moments: [
        { at: 15, events: off, grace: 60 },
        { at: 20, events: off, grace: 60, alerts: [alert("TurnedOff", {}, 8)] },
        { at: 99, events: off, grace: 60 },
      ],
      expected: [],
    },
    {
      when: "Alertmanager still holds the alert of an earlier one",
      moments: [
        { at: 20, events: off, grace: 60, alerts: [alert("TurnedOff", {}, 8)] },
        { at: 130, events: [...off, event(2, "TurnedOff", 100)], grace: 60, alerts: [alert("TurnedOff", {}, 8)] },
        { at: 170, events: [], grace: 60, alerts: [alert("TurnedOff", {}, 99.9)] },
      ],
      expected: ["170 TurnedOff event"],
    },
    {
      when: "Alertmanager has not taken it",
      moments: [
        { at: 74.9, events: off, grace: 60 },
        { at: 75, events: off, grace: 60 },
      ],
      expected: ["75 TurnedOff event"],
    },
  ])("is said when $when", ({ moments, expected }) => {
    expect(said(moments)).toEqual(expected);
  });

  test("from before the very first look is history", () => {
    expect(
      said(
        [
          { at: 60, events: off },
          { at: 90, events: off },
        ],
        noMessages,
      ),
    ).toEqual([]);
  });
});

test("Alertmanager is asked only while something is due that it may take", () => {
  const at = (state: MessageState, seconds: number) => isAlertmanagerAwaited(state, { timing, nowMs: seconds * 1000 });
  const held = (toldAtMs: number): MessageState => ({
    ...noMessages,
    held: {
      MissingConnection: {
        ...{ sinceMs: 0, because: "", thread: "" },
        toldAtMs,
        toldBy: toldAtMs === 0 ? "nobody" : "mail",
      },
    },
  });
  expect([at(noMessages, 60), at(held(0), 59), at(held(0), 60), at(held(60_000), 100), at(held(60_000), 160)]).toEqual([
    ...[false, false, true, false, true],
  ]);
  const state = { ...noMessages, waiting: [event(1, "TurnedOff", 5)] };
  expect([at(state, 14), at(state, 15)]).toEqual([false, true]);
});
