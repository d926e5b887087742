import { describe, expect, test } from "@jest/globals";
import { emptyFacts, type KeptFacts } from "../../../actor/core/kept-facts.js";
import { claimAnewId, isReadyToServe, judgeReadiness, withReadyRecord } from "../../../actor/core/readiness.js";
import { anOperationDocument } from "../../support/kept-documents.js";

const own = { epoch: 5, active: "secondary", operationId: "op5" } as const;
const peers = { epoch: 4, active: "primary", operationId: "op4" } as const;
const operation = anOperationDocument("failover", { id: "op5", previous: peers });
const claim = { operationId: "op5", previous: peers, next: own, state: "sent", validUntilWallMs: 1 } as const;

describe("whether the owner that the record names is ready to serve", () => {
  test.each<{ readonly when: string; readonly change: Partial<KeptFacts>; readonly is: string }>([
    { when: "no record is known", change: { record: null }, is: "not-owner" },
    { when: "the record names the other server", change: { record: peers, readyRecordIds: ["op4"] }, is: "not-owner" },
    { when: "it was promoted in this record", change: { readyRecordIds: ["op5"] }, is: "ready" },
    { when: "it was promoted in another record", change: { readyRecordIds: ["op3"] }, is: "unknown" },
    { when: "the takeover is under way", change: { operation }, is: "in-operation" },
    { when: "its claim is kept and nothing carries it", change: { claim }, is: "claim-came-true" },
    { when: "the operation was cancelled", change: { cancelledOperations: ["op5"] }, is: "claim-came-true" },
    { when: "the operation has ended", change: { lastOperations: [operation] }, is: "claim-came-true" },
    {
      when: "it had claimed anew for an operation that has ended",
      change: { lastOperations: [{ ...operation, id: "op9" }], record: { ...own, operationId: claimAnewId("op9") } },
      is: "claim-came-true",
    },
    { when: "nothing is remembered", change: {}, is: "unknown" },
  ])("is $is when $when", ({ change, is }) => {
    const facts = { ...emptyFacts("shop", "secondary"), record: own, ...change };
    expect(judgeReadiness(facts)).toBe(is);
    expect(isReadyToServe(facts)).toBe(is === "ready");
  });

  test("remembers the last twenty records, each once", () => {
    let facts = emptyFacts("shop", "secondary");
    for (let number = 1; number <= 25; number += 1) facts = withReadyRecord(facts, `op${number}`);
    expect(withReadyRecord(facts, "op25")).toBe(facts);
    expect(facts.readyRecordIds).toEqual(Array.from({ length: 20 }, (_, index) => `op${25 - index}`));
  });
});
