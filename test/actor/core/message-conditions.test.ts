import { describe, expect, test } from "@jest/globals";
import { findConditions, mutedCodes } from "../../../actor/core/message-conditions.js";
import type { LocalStatus } from "../../../shared/core/local-status.js";
import { eventCodes, messageCodes, type MessageCode } from "../../../shared/core/message-catalogue.js";
import { sampleStatus } from "../../support/sample-status.js";

const healthy = sampleStatus();
const codes = (change: Partial<LocalStatus>): readonly MessageCode[] =>
  findConditions(sampleStatus(change)).map(({ code }) => code);
const peer = (change: Partial<LocalStatus["peer"]>) => ({ peer: { ...healthy.peer, ...change } });
const gone = peer({ isConnected: false, state: "inactive" });
const item = (kind: "folder" | "database", change: Partial<LocalStatus["sync"][number]>) => ({
  sync: [{ ...healthy.sync[0]!, kind, name: "shop", ...change }],
});
const asActive = { server: "primary", active: "primary" } as const;
const unavailable = { managedSystem: { ...healthy.managedSystem, unavailableSinceMs: 5 } };

const rows: { when: string; change: Partial<LocalStatus>; expected: MessageCode[] }[] = [
  { when: "all is well", change: {}, expected: [] },
  { when: "the servers have lost each other", change: gone, expected: ["MissingConnection"] },
  {
    when: "the other one was stopped in order",
    change: peer({ isConnected: false, state: "stopped" }),
    expected: ["OtherStoppedNotify"],
  },
  {
    when: "a folder gives warnings",
    change: { ...asActive, ...item("folder", { health: "warning" }) },
    expected: ["FileSyncProblemWarn"],
  },
  {
    when: "a folder has stopped",
    change: { ...asActive, ...item("folder", { health: "fatal" }) },
    expected: ["FileSyncProblemFatal"],
  },
  {
    when: "a folder has stopped, which the active server tells",
    change: item("folder", { health: "fatal" }),
    expected: [],
  },
  {
    when: "a folder has stopped and the active server cannot be heard",
    change: { ...gone, ...item("folder", { health: "fatal" }) },
    expected: ["MissingConnection", "FileSyncProblemFatal"],
  },
  {
    when: "a database gives warnings",
    change: { ...asActive, ...item("database", { health: "warning" }) },
    expected: ["DbSyncProblemWarn"],
  },
  {
    when: "a database has stopped",
    change: { ...asActive, ...item("database", { health: "fatal" }) },
    expected: ["DbSyncProblemFatal"],
  },
  {
    when: "a database must be copied anew",
    change: { ...asActive, ...item("database", { isComplete: false, isCopyNeeded: true }) },
    expected: ["DbSyncReInitRequired"],
  },
  {
    when: "an actor has just started and does not know yet whether the copy is whole",
    change: { ...asActive, ...item("database", { isComplete: false, isCopyNeeded: false }) },
    expected: [],
  },
  {
    when: "an actor of an older version has no whole copy",
    change: { ...asActive, ...item("database", { isComplete: false }) },
    expected: ["DbSyncReInitRequired"],
  },
  {
    when: "the pair is switched, and nothing goes back yet",
    change: { ...asActive, state: "switched", ...item("database", { isComplete: false }) },
    expected: [],
  },
  {
    when: "a database is being copied anew",
    change: { ...asActive, ...item("database", { isComplete: false, isReinitialising: true }) },
    expected: [],
  },
  {
    when: "there is a configuration error",
    change: { configurationErrors: [{ reason: "clocks-apart", because: "40 s", sinceMs: 1, isLasting: true }] },
    expected: ["ConfigurationError"],
  },
  { when: "the standby does not see the application", change: unavailable, expected: ["MainAppInvisible"] },
  { when: "the active server does not see it", change: { ...asActive, ...unavailable }, expected: [] },
  {
    when: "the standby's own line is down",
    change: { ...unavailable, externalResourcesAvailable: false },
    expected: ["ExternalResourcesInvisible"],
  },
  {
    when: "the admin listener is closed",
    change: { listeners: { admin: false, link: true } },
    expected: ["HttpServerNotStarted"],
  },
  {
    when: "no listener was tried yet, or the actor stops",
    change: { listeners: {} },
    expected: [],
  },
  {
    when: "the link listener is closed",
    change: { listeners: { admin: true, link: false } },
    expected: ["LinkServerNotStarted"],
  },
];

describe("what a server has to say by its status", () => {
  test.each(rows)("$when: $expected", ({ change, expected }) => {
    expect([...codes(change)].sort()).toEqual([...expected].sort());
  });

  test("every condition of the catalogue has a row above that raises it", () => {
    const raised = new Set(rows.flatMap(({ expected }) => expected));
    expect(messageCodes.filter((code) => !eventCodes.includes(code) && !raised.has(code))).toEqual([]);
  });

  test("names what is not well, and why", () => {
    const change = { ...asActive, ...item("database", { health: "fatal", because: "the disk is full" }) };
    expect(findConditions(sampleStatus(change))).toEqual([
      { code: "DbSyncProblemFatal", item: "shop", because: "the disk is full" },
    ]);
  });

  test("tells folders, databases and reasons of configuration errors apart", () => {
    const folder = (name: string) => ({ ...healthy.sync[0]!, kind: "folder" as const, name, health: "fatal" as const });
    const error = (reason: string) => ({ reason, because: "", sinceMs: 1, isLasting: true });
    const status = sampleStatus({
      ...asActive,
      sync: [folder("a"), folder("b")],
      configurationErrors: [error("clocks-apart"), error("no-update-server")],
    });
    expect(findConditions(status).map(({ code, item: about }) => `${code} ${about}`)).toEqual([
      "FileSyncProblemFatal a",
      "FileSyncProblemFatal b",
      "ConfigurationError clocks-apart",
      "ConfigurationError no-update-server",
    ]);
  });

  test("the active server also says what only its connected peer knows of synchronisation, and each sentence once", () => {
    const fatal = item("database", { health: "fatal", because: "the table is gone" });
    const says = (change: Parameters<typeof sampleStatus>[0], peer: Parameters<typeof findConditions>[1]) =>
      findConditions(sampleStatus({ ...asActive, ...change }), peer).map(({ code, because }) => [code, because]);
    const told = [["DbSyncProblemFatal", "the table is gone"]];
    expect(says(item("database", {}), fatal)).toEqual(told);
    expect(says(fatal, fatal)).toEqual(told);
    const alone = says({ peer: { ...sampleStatus().peer, isConnected: false } }, fatal).map(([code]) => code);
    expect(alone).toEqual(["MissingConnection"]);
  });

  test("a copy that one of the servers knows to be under way is not asked for", () => {
    const broken = item("database", { isComplete: false });
    const copying = item("database", { isComplete: false, isReinitialising: true });
    const codesOf = (peer: Parameters<typeof findConditions>[1]) =>
      findConditions(sampleStatus({ ...asActive, ...broken }), peer).map(({ code }) => code);
    expect(codesOf(broken)).toEqual(["DbSyncReInitRequired"]);
    expect(codesOf(copying)).toEqual([]);
  });

  test("a service interval excuses an absence, never an error of synchronisation", () => {
    expect(mutedCodes({})).toEqual([]);
    const expected = ["MainAppInvisible", "MissingConnection"];
    expect(mutedCodes({ serviceInterval: { name: "backup", endsAtMs: 9 } })).toEqual(expected);
  });
});
