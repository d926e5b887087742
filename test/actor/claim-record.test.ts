import { describe, expect, test } from "@jest/globals";
import { claimRecord } from "../../actor/claim-record.js";
import type { Claim } from "../../actor/core/kept-facts.js";
import type { UpdateOutcome } from "../../actor/dns/name-server-port.js";
import { settleOrphanClaim } from "../../actor/watch/settle-claim.js";
import { anOperationDocument } from "../support/kept-documents.js";
import { benchContext, firstRecord, type ContextBench } from "../support/context-bench.js";

const next = { epoch: 2, active: "secondary", operationId: "op1" } as const;
const claim: Claim = { operationId: "op1", previous: firstRecord, next, state: "intended", validUntilWallMs: 0 };

function claimant(change: Partial<Claim> = {}): Promise<ContextBench> {
  return benchContext("secondary", {
    facts: { operation: anOperationDocument("failover"), claim: { ...claim, ...change } },
  });
}

async function outcomeOf({ context }: ContextBench): Promise<string> {
  return claimRecord(context, context.signal).then(
    () => "won",
    (error: unknown) => (error as { code: string }).code,
  );
}

describe("a claim", () => {
  test("that is done is won and known", async () => {
    const bench = await claimant();
    expect(await outcomeOf(bench)).toBe("won");
    expect(bench.kept()).toMatchObject({ record: next, claim: { state: "won" } });
    expect(bench.context.situation.updatesTotal).toBe(1);
  });

  test("is durably noted as sent before it leaves", async () => {
    const bench = await claimant();
    let stateThen: string | undefined;
    bench.ports.claim = () => {
      stateThen = bench.kept().claim?.state;
      return Promise.resolve({ kind: "lost", because: "NXRRSET" });
    };
    await outcomeOf(bench);
    expect(stateThen).toBe("sent");
    expect(bench.kept().claim?.validUntilWallMs).toBe(bench.ports.clock.wallMs() + 300_000);
  });

  test("that cannot be noted is not sent", async () => {
    const bench = await claimant();
    bench.ports.beforeWrite = () => Promise.reject(new Error("disk full"));
    await expect(claimRecord(bench.context, bench.context.signal)).rejects.toThrow("disk full");
    expect(bench.ports.record).toEqual(firstRecord);
  });

  const unclear: UpdateOutcome = { kind: "unclear", because: "no answer", validUntilWallMs: 9e15 };
  test.each([
    { when: "the record shows it", record: next, outcome: "won", isForgotten: false },
    { when: "the old record stands", record: firstRecord, outcome: "OWNERSHIP_UNCLEAR", isForgotten: false },
    { when: "there is no record", record: undefined, outcome: "OWNERSHIP_UNCLEAR", isForgotten: false },
    {
      when: "the record is older",
      record: { ...firstRecord, epoch: 0 },
      outcome: "OWNERSHIP_UNCLEAR",
      isForgotten: false,
    },
    {
      when: "another has claimed",
      record: { ...next, operationId: "x" },
      outcome: "OWNERSHIP_LOST",
      isForgotten: true,
    },
  ])("whose answer is unclear is $outcome when afterwards $when", async ({ record, outcome, isForgotten }) => {
    const bench = await claimant();
    bench.ports.claim = () => {
      bench.ports.record = record;
      return Promise.resolve(unclear);
    };
    expect(await outcomeOf(bench)).toBe(outcome);
    expect(bench.kept().claim === null).toBe(isForgotten);
    if (!isForgotten && outcome !== "won") expect(bench.kept().claim?.validUntilWallMs).toBe(9e15);
  });

  test("is not sent again when the record already shows it", async () => {
    const bench = await claimant({ state: "sent" });
    bench.ports.record = next;
    expect(await outcomeOf(bench)).toBe("won");
    expect(bench.context.situation.updatesTotal).toBe(0);
  });

  test.each([
    { when: "the server is back and the claim never left", state: "intended", isBack: true, outcome: "OWNERSHIP_LOST" },
    {
      when: "the server is back and the claim may still come",
      state: "sent",
      isBack: true,
      outcome: "OWNERSHIP_UNCLEAR",
    },
    { when: "the server is still gone", state: "intended", isBack: false, outcome: "won" },
  ] as const)("of a failover is $outcome when $when", async ({ state, isBack, outcome }) => {
    const bench = await claimant({ state, validUntilWallMs: 9e15 });
    bench.context.situation.isActiveAvailable = isBack;
    bench.context.situation.peerHeardAtMs = isBack ? bench.ports.clock.nowMs : undefined;
    expect(await outcomeOf(bench)).toBe(outcome);
  });

  test("that was cancelled meanwhile is not sent", async () => {
    const bench = await benchContext("secondary");
    expect(await outcomeOf(bench)).toBe("OWNERSHIP_LOST");
    expect(bench.ports.record).toEqual(firstRecord);
  });

  test("confirms as of its question, and its wait counts from the answer, when the process was frozen between", async () => {
    const bench = await claimant();
    const askedAtMs = bench.ports.clock.nowMs;
    bench.ports.claim = () => {
      bench.ports.clock.nowMs += 90_000;
      return Promise.resolve({ kind: "done" });
    };
    await outcomeOf(bench);
    expect(bench.context.situation.confirmedAtMs).toBe(askedAtMs);
    expect(bench.context.situation.claimWonAtMs?.atMs).toBe(askedAtMs + 90_000);
  });
});

describe("a claim that no operation carries any more", () => {
  const sent = { ...claim, state: "sent" } as const;
  test.each([
    { when: "it never left", kept: claim, read: firstRecord, isForgotten: true },
    { when: "it may still come", kept: { ...sent, validUntilWallMs: 9e15 }, read: firstRecord, isForgotten: false },
    { when: "its time is over", kept: sent, read: firstRecord, isForgotten: true },
    { when: "there is no record", kept: sent, read: undefined, isForgotten: false },
    { when: "it has come true", kept: sent, read: next, isForgotten: true },
    {
      when: "it is lost",
      kept: { ...sent, validUntilWallMs: 9e15 },
      read: { ...next, operationId: "x" },
      isForgotten: true,
    },
  ])("is forgotten: $isForgotten, when $when", async ({ kept, read, isForgotten }) => {
    const bench = await benchContext("secondary", { facts: { claim: kept } });
    await settleOrphanClaim(bench.context, read);
    expect(bench.kept().claim === null).toBe(isForgotten);
  });

  test("stays while an operation runs", async () => {
    const bench = await claimant();
    await settleOrphanClaim(bench.context, firstRecord);
    expect(bench.kept().claim).toEqual(claim);
  });
});
