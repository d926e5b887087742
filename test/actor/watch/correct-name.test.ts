import { describe, expect, test } from "@jest/globals";
import type { KeptFacts } from "../../../actor/core/kept-facts.js";
import type { AuthoritativeAnswer } from "../../../actor/dns/name-server-port.js";
import { correctName } from "../../../actor/watch/correct-name.js";
import { benchContext } from "../../support/context-bench.js";
import { anOperationDocument } from "../../support/kept-documents.js";

const updateServer = "192.0.2.53:53";

async function watch(facts: Partial<KeptFacts> = {}) {
  const bench = await benchContext("primary", { facts });
  const published: unknown[] = [];
  bench.ports.nameServer.publish = ((own: unknown) => {
    published.push(own);
    return Promise.resolve({ kind: "done" });
  }) as never;
  bench.context.situation.isWhole = true;
  /** Looks every five seconds for so long. */
  const see = async (seconds: number, ...answers: AuthoritativeAnswer[]): Promise<number> => {
    for (let at = 0; at < seconds; at += 5) {
      await correctName(bench.context, answers);
      await bench.ports.clock.advance(5);
    }
    return published.length;
  };
  return { ...bench, see, published };
}

const says = (...addresses: string[]): AuthoritativeAnswer => ({ server: updateServer, addresses });

describe("a name that the other host has registered for itself", () => {
  test.each([{ answer: says("secondary") }, { answer: says("primary", "secondary") }])(
    "is published again by the owner: $answer.addresses",
    async ({ answer }) => {
      const { see, published, context } = await watch();
      expect(await see(20, answer)).toBe(0);
      expect(await see(10, answer)).toBe(1);
      expect(published[0]).toEqual(context.store.facts.record);
      expect(context.situation.counters.get("name_corrections")).toBe(1);
    },
  );

  test("is taken back once a minute at most", async () => {
    const { see } = await watch();
    expect(await see(55, says("secondary"))).toBe(1);
    expect(await see(60, says("secondary"))).toBe(2);
  });

  test("is taken back also while an operation that has published waits for the other name servers", async () => {
    const moved = anOperationDocument("switch-to-primary");
    const steps = moved.steps.map((step) =>
      step.name === "publish-addresses" ? { ...step, state: "done" as const } : step,
    );
    const { see } = await watch({ operation: { ...moved, steps } });
    expect(await see(30, says("secondary"))).toBe(1);
  });

  test("is judged by the update server, which the others follow", async () => {
    const { see } = await watch();
    expect(await see(60, says("primary"), { server: "192.0.2.54:53", addresses: ["secondary"] })).toBe(0);
  });

  test.each([
    { when: "somebody gave it addresses of neither server", answer: says("192.0.2.99"), facts: {} },
    { when: "it is as it should be", answer: says("primary"), facts: {} },
    { when: "nobody answers", answer: { ...says(), error: "silent" }, facts: {} },
    {
      when: "the other server owns it",
      answer: says("secondary"),
      facts: { record: { epoch: 2, active: "secondary", operationId: "x" } as const },
    },
    {
      when: "an operation is moving it",
      answer: says("secondary"),
      facts: { operation: anOperationDocument("switch-to-secondary") },
    },
  ])("is left alone when $when", async ({ answer, facts }) => {
    const { see } = await watch(facts);
    expect(await see(120, answer)).toBe(0);
  });
});
