import { expect, test } from "@jest/globals";
import { emptyFacts, keptFactsSchema, type KeptFacts } from "../../../actor/core/kept-facts.js";
import { anOperationDocument } from "../../support/kept-documents.js";

test("a server that has never run knows nothing, is on and is bound by nothing", () => {
  const facts = emptyFacts("shop", "secondary");
  expect(facts).toMatchObject({
    pair: "shop",
    server: "secondary",
    isEnabled: true,
    record: null,
    claim: null,
    asks: [],
  });
  expect(facts.ownPromise).toEqual({ sequence: 0, kind: null });
  expect(keptFactsSchema.parse(facts)).toEqual(facts);
});

test("what is kept comes back whole", () => {
  const record = { epoch: 3, active: "primary", operationId: "op3" } as const;
  const facts: KeptFacts = {
    ...emptyFacts("shop", "secondary"),
    record,
    claim: { operationId: "op4", previous: record, next: { ...record, epoch: 4 }, state: "sent", validUntilWallMs: 5 },
    ownPromise: { sequence: 7, kind: "turned-off" },
    operation: anOperationDocument("failover"),
    lastAutomaticFailover: { atMs: 1, isAcknowledged: false },
  };
  expect(keptFactsSchema.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
});

test.each([
  { when: "its version is another", change: { version: 2 } },
  { when: "its server is a third one", change: { server: "tertiary" } },
  { when: "the epoch is negative", change: { record: { epoch: -1, active: "primary", operationId: "a" } } },
  { when: "the promise is of an unknown kind", change: { ownPromise: { sequence: 1, kind: "perhaps" } } },
  { when: "a field is missing", change: { asks: undefined } },
])("a document is not understood when $when", ({ change }) => {
  expect(keptFactsSchema.safeParse({ ...emptyFacts("shop", "primary"), ...change }).success).toBe(false);
});
