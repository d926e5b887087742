import { describe, expect, test } from "@jest/globals";
import { decideDataRole, type DataRole } from "../../../actor/core/data-role.js";
import { emptyFacts, type KeptFacts } from "../../../actor/core/kept-facts.js";
import { anOperationDocument } from "../../support/kept-documents.js";

const primarys = { epoch: 4, active: "primary", operationId: "op4" } as const;
const secondarys = { epoch: 5, active: "secondary", operationId: "op5" } as const;
const error = { reason: "clocks-apart", because: "", sinceMs: 1 };
const ready = ["op4", "op5"];
const takeover = anOperationDocument("failover", { id: "op5", previous: primarys });

describe("what a server does with its data", () => {
  const source = (epoch: number, continuous: boolean): DataRole => ({ role: "source", epoch, continuous });
  test.each<{ when: string; server: "primary" | "secondary"; change: Partial<KeptFacts>; role: DataRole }>([
    { when: "no record is known", server: "primary", change: { record: null }, role: { role: "idle", epoch: 0 } },
    { when: "the primary is active here", server: "primary", change: {}, role: source(4, true) },
    { when: "the primary is active there", server: "secondary", change: {}, role: { role: "target", epoch: 4 } },
    { when: "it is turned off", server: "primary", change: { isEnabled: false }, role: source(4, false) },
    {
      when: "it has a configuration error",
      server: "primary",
      change: { configurationErrors: [error] },
      role: source(4, false),
    },
    {
      when: "the target is turned off",
      server: "secondary",
      change: { isEnabled: false },
      role: { role: "target", epoch: 4 },
    },
    {
      when: "the secondary is active here: failback is manual",
      server: "secondary",
      change: { record: secondarys },
      role: source(5, false),
    },
    {
      when: "the secondary is active there",
      server: "primary",
      change: { record: secondarys },
      role: { role: "target", epoch: 5 },
    },
    {
      when: "it takes over and has not claimed",
      server: "secondary",
      change: { operation: takeover },
      role: { role: "target", epoch: 4 },
    },
    {
      when: "it has claimed and holds half a copy",
      server: "secondary",
      change: { record: secondarys, operation: takeover, readyRecordIds: ["op4"] },
      role: { role: "target", epoch: 4 },
    },
    {
      when: "it has claimed and is promoted",
      server: "secondary",
      change: { record: secondarys, operation: takeover },
      role: source(5, false),
    },
    {
      when: "the takeover is over",
      server: "secondary",
      change: { record: secondarys },
      role: source(5, false),
    },
    {
      when: "it owns the name and does not remember why",
      server: "primary",
      change: { readyRecordIds: ["op3"] },
      role: { role: "idle", epoch: 4 },
    },
    {
      when: "it coordinates a switch to the other server",
      server: "primary",
      change: { operation: anOperationDocument("switch-to-secondary", { previous: primarys }) },
      role: source(4, true),
    },
  ])("is $role.role when $when", ({ server, change, role }) => {
    expect(
      decideDataRole({ ...emptyFacts("shop", server), record: primarys, readyRecordIds: ready, ...change }),
    ).toEqual(role);
  });

  test("an error that only the target has found stops the source as well", () => {
    const facts = { ...emptyFacts("shop", "primary"), record: primarys, readyRecordIds: ready };
    expect(decideDataRole(facts, true)).toEqual(source(4, false));
  });
});
