import { describe, expect, test } from "@jest/globals";
import type { SyncPart } from "../../../actor/sync-part.js";
import {
  acknowledgeDivergence,
  readDivergence,
  takeAcknowledgement,
} from "../../../actor/divergence/pair-divergence.js";
import type { OperationDocument } from "../../../actor/core/kept-facts.js";
import { operationExample } from "../../support/admin-stub.js";
import { benchContext, firstRecord } from "../../support/context-bench.js";
import { someDivergence } from "../../support/fake-actor.js";
import { rememberDivergence } from "../../support/remember-divergence.js";

const operation: OperationDocument = {
  ...operationExample(),
  part: "coordinator",
  isAutomatic: false,
  previous: firstRecord,
  isPeerStopped: false,
  isWordNeeded: false,
  targetMemoryId: "",
  isCancelWanted: false,
};
const kept = { ...someDivergence, kind: "folder", name: "uploads", form: "replaced", id: "" } as const;

async function openPair(change: { readonly isConnected?: boolean; readonly operation?: OperationDocument } = {}) {
  const released: string[] = [];
  const bench = await benchContext("secondary", {
    facts: change.operation ? { operation: change.operation } : {},
    prepare: (ports) => {
      Object.assign(ports, { divergence: rememberDivergence([structuredClone(someDivergence)]) });
      const files = {
        name: "files",
        listReplaced: () => Promise.resolve([kept]),
        releaseReplaced: () => Promise.resolve(released.push("files") + 2),
      } as Partial<SyncPart> as SyncPart;
      Object.assign(ports, { parts: [files] });
    },
  });
  if (change.isConnected !== false) bench.context.situation.peerHeardAtMs = bench.ports.clock.monotonicMs();
  return { ...bench, released };
}

describe("what diverged is read from both servers", () => {
  test("a found report hides the lost one of the same rows, and what is kept aside names its server", async () => {
    const { context, ports } = await openPair();
    ports.peer = () => Promise.resolve({ reports: [{ ...someDivergence, form: "lost", server: "primary" }] } as never);
    const { reports, peerBecause } = await readDivergence(context, 5);
    expect(peerBecause).toBe("");
    expect(reports.map(({ kind, form, server }) => [kind, form, server])).toEqual([
      ["database", "found", "secondary"],
      ["folder", "replaced", "secondary"],
    ]);
  });

  test("a lost report that has more than the found one is shown beside it", async () => {
    const { context, ports } = await openPair();
    const lost = { ...someDivergence, form: "lost", entries: 2, server: "primary" };
    ports.peer = () => Promise.resolve({ reports: [lost] } as never);
    const { reports } = await readDivergence(context, 5);
    expect(reports.map(({ form }) => form)).toEqual(["found", "lost", "replaced"]);
  });

  test("a lost report of other rows is shown", async () => {
    const { context, ports } = await openPair();
    const lost = { ...someDivergence, form: "lost", id: "h2", server: "primary" };
    ports.peer = () => Promise.resolve({ reports: [lost] } as never);
    const { reports } = await readDivergence(context, 5);
    expect(reports.map(({ form }) => form)).toEqual(["found", "lost", "replaced"]);
  });

  test.each([
    { when: "the other server is not connected", isConnected: false, because: "the other server is not connected" },
    { when: "it does not answer", isConnected: true, because: "the other server did not answer: no answer" },
  ])("when $when, the own part is shown and the reason is said", async ({ isConnected, because }) => {
    const { context } = await openPair({ isConnected });
    const { reports, peerBecause } = await readDivergence(context, 5);
    expect([reports.length, peerBecause]).toEqual([2, because]);
  });
});

describe("acknowledging", () => {
  test("counts both servers, releases what was kept aside, and stands in the history with the name", async () => {
    const { context, ports, released } = await openPair();
    const asked: string[] = [];
    ports.peer = (kind, fields) => {
      asked.push(`${kind} ${JSON.stringify(fields)}`);
      return Promise.resolve({ reports: 1, files: 4 });
    };
    expect(await acknowledgeDivergence(context, "olga")).toEqual({ reports: 2, files: 7 });
    expect([asked, released]).toEqual([['divergence/acknowledge {"requestedBy":"olga"}'], ["files"]]);
    expect(context.store.facts.events.map(({ name, who }) => [name, who])).toContainEqual([
      "DivergenceAcknowledged",
      "olga",
    ]);
    expect((await takeAcknowledgement(context, "olga")).reports).toBe(0);
  });

  test("is refused while the other server cannot be told, and nothing is released here", async () => {
    const { context, released } = await openPair({ isConnected: false });
    await expect(acknowledgeDivergence(context, "olga")).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    expect(released).toEqual([]);
  });

  test("is refused when the other server refuses, and nothing is released here", async () => {
    const { context, released } = await openPair();
    await expect(acknowledgeDivergence(context, "olga")).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    expect(released).toEqual([]);
  });

  test("is refused while an operation runs", async () => {
    const { context, released } = await openPair({ operation });
    await expect(acknowledgeDivergence(context, "olga")).rejects.toThrow("an operation runs");
    expect(released).toEqual([]);
  });
});
