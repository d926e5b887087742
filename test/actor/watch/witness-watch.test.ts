import { describe, expect, test } from "@jest/globals";
import { buildStatus } from "../../../actor/build-status.js";
import { claimRecord } from "../../../actor/claim-record.js";
import type { Claim } from "../../../actor/core/kept-facts.js";
import { encodeOwnershipRecord } from "../../../actor/core/ownership-record.js";
import { checkTakeover } from "../../../actor/operations/pre-checks.js";
import { confirmOnce } from "../../../actor/watch/ownership-watch.js";
import { lookAtWitness, witnessHeldAgeSeconds, witnessWord } from "../../../actor/watch/witness-watch.js";
import type { ServerName } from "../../../shared/core/server-name.js";
import { benchContext, firstRecord, type ContextBench } from "../../support/context-bench.js";
import { anOperationDocument } from "../../support/kept-documents.js";
import { KeyInMemory } from "../../support/key-in-memory.js";
import { exampleSettings } from "../../support/settings-example.js";

const next = { epoch: 2, active: "secondary", operationId: "op1" } as const;
const claim: Claim = { operationId: "op1", previous: firstRecord, next, state: "intended", validUntilWallMs: 0 };

interface Bench extends ContextBench {
  readonly key: KeyInMemory;
}

async function witnessed(
  server: ServerName,
  change: Parameters<typeof benchContext>[1] = {},
  key = new KeyInMemory(),
): Promise<Bench> {
  const settings = exampleSettings((input) =>
    Object.assign(input, { server, witness: { endpoints: ["http://127.0.0.1:1"] } }),
  );
  const bench = await benchContext(server, { ...change, settings });
  bench.ports.witness = key;
  return Object.assign(bench, { key });
}

async function servingPrimary(): Promise<Bench> {
  const bench = await witnessed("primary");
  Object.assign(bench.context.situation, { isWhole: true, isAnswering: true });
  await confirmOnce(bench.context);
  return bench;
}

const look = ({ context, key }: Bench): Promise<void> => lookAtWitness(context, key);

describe("the owner that serves", () => {
  test("holds the key under a lease and renews that", async () => {
    const bench = await servingPrimary();
    await look(bench);
    expect(bench.key.holder).toMatchObject({ record: firstRecord, leaseId: "lease-1" });
    const { revision } = bench.key.holder!;
    await bench.ports.clock.advance(10);
    await look(bench);
    expect(bench.key.holder?.revision).toBe(revision);
    expect(witnessHeldAgeSeconds(bench.context)).toBe(0);
  });

  test("takes a new lease when the old one has ended", async () => {
    const bench = await servingPrimary();
    await look(bench);
    bench.key.end("lease-1");
    await look(bench);
    expect(bench.key.holder?.record).toEqual(firstRecord);
    expect(witnessHeldAgeSeconds(bench.context)).toBe(0);
  });

  test("has it no longer once a claimant has written there", async () => {
    const bench = await servingPrimary();
    await look(bench);
    bench.key.put(encodeOwnershipRecord(next));
    await bench.ports.clock.advance(10);
    await look(bench);
    expect(bench.key.holder?.record).toEqual(next);
    expect(witnessHeldAgeSeconds(bench.context)).toBe(10);
    expect(bench.context.situation.witness.problem).toMatch(/epoch 2, active secondary$/);
  });

  test("gives it back when it does not answer", async () => {
    const bench = await servingPrimary();
    await look(bench);
    bench.context.situation.isAnswering = false;
    await look(bench);
    expect(bench.key.holder).toBeUndefined();
    expect(bench.key.leases.size).toBe(0);
    expect(witnessHeldAgeSeconds(bench.context)).toBe(Infinity);
  });

  test("does not count a key that it held for an earlier takeover", async () => {
    const bench = await servingPrimary();
    await look(bench);
    const later = { ...firstRecord, epoch: 3, operationId: "op3" };
    await bench.context.store.change((facts) => ({ ...facts, record: later }));
    expect(witnessHeldAgeSeconds(bench.context)).toBe(Infinity);
  });

  test("says once that the witness does not answer, and goes on", async () => {
    const bench = await servingPrimary();
    bench.key.isReachable = false;
    await look(bench);
    await look(bench);
    expect(bench.ports.events().filter((event) => event === "witness-problem")).toHaveLength(1);
    expect(buildStatus(bench.context).witness).toEqual({ isAnswering: false, because: "no answer" });
    bench.key.isReachable = true;
    await look(bench);
    expect(bench.ports.events()).toContain("witness-answers");
    expect(buildStatus(bench.context).witness).toEqual({ isAnswering: true, because: "" });
  });
});

describe("the standby", () => {
  test.each([
    { when: "it has not answered yet", isLooked: false, word: "unknown" },
    { when: "nobody holds the key", isLooked: true, word: "free" },
    { when: "the owner holds it", isLooked: true, held: firstRecord, word: "held" },
  ])("hears '$word' when $when", async ({ isLooked, held, word }) => {
    const bench = await witnessed("secondary");
    if (held) bench.key.put(encodeOwnershipRecord(held), "lease");
    if (isLooked) await look(bench);
    expect(witnessWord(bench.context)).toBe(word);
  });

  test("takes an old word for none", async () => {
    const bench = await witnessed("secondary");
    await look(bench);
    await bench.ports.clock.advance(34);
    expect(witnessWord(bench.context)).toBe("unknown");
    expect(buildStatus(bench.context).witness).toEqual({ isAnswering: false, because: "it has not answered lately" });
  });

  test("takes a word for none as soon as the next look has failed", async () => {
    const bench = await witnessed("secondary");
    await look(bench);
    bench.key.isReachable = false;
    await look(bench);
    expect(witnessWord(bench.context)).toBe("unknown");
  });

  test("refuses a person's failover while the owner holds the key, not a forced one", async () => {
    const bench = await witnessed("secondary");
    bench.key.put(encodeOwnershipRecord(firstRecord), "lease");
    await look(bench);
    const failed = (isForced: boolean): readonly string[] =>
      checkTakeover(bench.context, { isForced, isPeerOff: true })
        .filter(({ passed }) => !passed)
        .map(({ name }) => name);
    expect(failed(false)).toContain("witness-allows");
    expect(failed(true)).not.toContain("witness-allows");
  });

  test("removes a claim of its own that was given up", async () => {
    const bench = await witnessed("secondary");
    await confirmOnce(bench.context);
    bench.key.put(encodeOwnershipRecord(next));
    await look(bench);
    expect(bench.key.holder).toBeUndefined();
  });
});

describe("a claim", () => {
  async function claimant(kind: "failover" | "force-to-secondary", isAutomatic: boolean): Promise<Bench> {
    const operation = { ...anOperationDocument(kind), id: "op1", isAutomatic };
    return witnessed("secondary", { facts: { operation, claim } });
  }

  async function outcomeOf({ context }: Bench): Promise<string> {
    return claimRecord(context, context.signal).then(
      () => "won",
      (error: unknown) => (error as { code: string }).code,
    );
  }

  test.each([
    { who: "by itself", isAutomatic: true, witness: "free", outcome: "won" },
    { who: "by itself", isAutomatic: true, witness: "held", outcome: "OWNERSHIP_LOST" },
    { who: "by itself", isAutomatic: true, witness: "silent", outcome: "OWNERSHIP_LOST" },
    { who: "for a person", isAutomatic: false, witness: "held", outcome: "OWNERSHIP_LOST" },
    { who: "for a person", isAutomatic: false, witness: "silent", outcome: "won" },
  ])("of a failover $who is $outcome when the witness is $witness", async ({ isAutomatic, witness, outcome }) => {
    const bench = await claimant("failover", isAutomatic);
    if (witness === "held") bench.key.put(encodeOwnershipRecord(firstRecord), "lease");
    bench.key.isReachable = witness !== "silent";
    expect(await outcomeOf(bench)).toBe(outcome);
    expect(bench.kept().claim?.state).toBe(outcome === "won" ? "won" : undefined);
    expect(bench.ports.record).toEqual(outcome === "won" ? next : firstRecord);
    if (witness === "free") expect(bench.key.holder).toMatchObject({ record: next, leaseId: "" });
  });

  test("of a forced takeover is written over the lease of the other server", async () => {
    const bench = await claimant("force-to-secondary", false);
    bench.key.put(encodeOwnershipRecord(firstRecord), "lease");
    expect(await outcomeOf(bench)).toBe("won");
    expect(bench.key.holder).toMatchObject({ record: next, leaseId: "" });
  });
});
