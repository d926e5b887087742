import { describe, expect, test } from "@jest/globals";
import type { KeptFacts } from "../../actor/core/kept-facts.js";
import { createPeerAnswers } from "../../actor/peer-answers.js";
import { createPeerMessage, peerMessage } from "../../actor/peer-message.js";
import { runPeerWatch } from "../../actor/watch/peer-watch.js";
import type { JsonObject } from "../../shared/core/json.js";
import { benchContext } from "../support/context-bench.js";
import { anOperationDocument } from "../support/kept-documents.js";

async function handOver(facts: Partial<KeptFacts>, targetMemoryId: string): Promise<string> {
  const { context } = await benchContext("secondary", { facts });
  const operation = anOperationDocument("switch-to-secondary", { targetMemoryId });
  const message = { fields: JSON.parse(JSON.stringify({ operation })) as JsonObject };
  const answered = createPeerAnswers(context)["operations/hand-over"]?.(message);
  const outcome = await answered?.catch((error: unknown) => String(error));
  expect(context.store.facts.operation?.id).toBe(typeof outcome === "string" ? undefined : "op1");
  return JSON.stringify(outcome);
}

describe("a hand-over", () => {
  test("to the server that the coordinator asked at the beginning is taken", async () => {
    expect(await handOver({ memoryId: "m1" }, "m1")).toBe('{"fields":{"isTaken":true}}');
  });

  test.each([
    { when: "it has lost its state directory since", memoryId: "m2", targetMemoryId: "m1" },
    { when: "it has kept no memory yet", memoryId: "", targetMemoryId: "" },
    { when: "the coordinator did not know which", memoryId: "m1", targetMemoryId: "" },
  ])("is refused by a target when $when", async ({ memoryId, targetMemoryId }) => {
    expect(await handOver({ memoryId }, targetMemoryId)).toMatch("has lost its state directory since");
  });

  test("is refused after it was cancelled, and says so", async () => {
    expect(await handOver({ memoryId: "m1", cancelledOperations: ["op1"] }, "m1")).toMatch("it was cancelled here");
  });
});

test("an actor with a new state directory makes the id of its memory once, and tells it when it is kept", async () => {
  const { context, ports, kept } = await benchContext("secondary");
  expect(peerMessage.parse(createPeerMessage(context)).memoryId).toBe("");
  void runPeerWatch(context);
  for (let turn = 0; turn < 50 && kept().memoryId === ""; turn += 1) await ports.clock.advance(1000);
  const { memoryId } = kept();
  expect(memoryId).not.toBe("");
  expect(peerMessage.parse(createPeerMessage(context)).memoryId).toBe(memoryId);
  await ports.clock.advance(60_000);
  expect(kept().memoryId).toBe(memoryId);
});
