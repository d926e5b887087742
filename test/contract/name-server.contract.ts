import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  portTo,
  primaryAddresses,
  record,
  recordingLog,
  secondaryAddresses,
  shiftedClock,
  type TestNameServer,
  type TestPort,
} from "../support/name-server-fixtures.js";
import { startTcpRelay } from "../support/tcp-relay.js";

export interface ServerUnderTest extends TestNameServer {
  stop(): Promise<void>;
}

/**
 * What SpareSync needs of an update server. The zone holds `app` with the primary's addresses, `alias` CNAME `app` and
 * `_sparesync.aliased` CNAME `app`; every test works on a name of its own.
 */
export function nameServerContract(title: string, start: () => Promise<ServerUnderTest>): void {
  describe(`${title} as update server`, () => {
    let server: ServerUnderTest;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(async () => {
      await server.stop();
    });
    const at = (name: string, more: Parameters<typeof portTo>[1] = {}): TestPort =>
      portTo(server, { ...more, settings: { name: `${name}.${server.zone}`, ...more.settings } });
    /** The same, but over a relay that stands in for a bad network. */
    const over = (relay: { readonly port: number }, name: string, more: Parameters<typeof portTo>[1] = {}): TestPort =>
      at(name, { ...more, settings: { updateServer: { host: "127.0.0.1", port: relay.port }, ...more.settings } });

    test("a name without a record is answered as having none", async () => {
      expect(await at("fresh").readRecord()).toBeUndefined();
      // A name that exists without a TXT (no data) and one that does not exist at all (NXDOMAIN) are the same here.
      expect(await at("deep.under.fresh").readRecord()).toBeUndefined();
    });

    test("the first claim creates the record and is read back", async () => {
      const port = at("first");
      expect(await port.claim(undefined, record(1, "primary"))).toEqual({ kind: "done" });
      expect(await port.readRecord()).toEqual(record(1, "primary"));
    });

    test("a first claim loses when there is a record", async () => {
      const port = at("taken");
      await port.claim(undefined, record(1, "primary", "first"));
      const outcome = await port.claim(undefined, record(1, "secondary", "second"));
      expect(outcome).toMatchObject({ kind: "lost" });
      expect(outcome).toMatchObject({ because: expect.stringContaining("op=first") as unknown });
      expect(await port.readRecord()).toEqual(record(1, "primary", "first"));
    });

    test("a claim with an outdated previous record loses and changes nothing", async () => {
      const port = at("outdated");
      await port.claim(undefined, record(1, "primary"));
      await port.claim(record(1, "primary"), record(2, "secondary"));
      const outcome = await port.claim(record(1, "primary"), record(2, "primary", "late"));
      expect(outcome).toMatchObject({ kind: "lost" });
      expect(await port.readRecord()).toEqual(record(2, "secondary"));
    });

    test("a claim against a missing record loses", async () => {
      expect(await at("missing").claim(record(4, "primary"), record(5, "secondary"))).toMatchObject({ kind: "lost" });
    });

    test("of concurrent claims exactly one wins, in every round", async () => {
      const [left, right] = [at("race"), at("race")];
      let now = record(0, "primary");
      await left.claim(undefined, now);
      for (let epoch = 1; epoch <= 40; epoch += 1) {
        const mine = record(epoch, "primary", `left${String(epoch)}`);
        const theirs = record(epoch, "secondary", `right${String(epoch)}`);
        const outcomes = await Promise.all([left.claim(now, mine), right.claim(now, theirs)]);
        expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(["done", "lost"]);
        now = outcomes[0].kind === "done" ? mine : theirs;
        expect(await left.readRecord()).toEqual(now);
      }
    });

    test("publish moves exactly the addresses of the name", async () => {
      const port = at("app");
      await port.claim(undefined, record(1, "primary"));
      expect(await port.readAddresses()).toMatchObject([{ addresses: primaryAddresses, record: record(1, "primary") }]);
      await port.claim(record(1, "primary"), record(2, "secondary"));
      expect(await port.publish(record(2, "secondary"))).toEqual({ kind: "done" });
      expect(await port.readAddresses()).toMatchObject([
        { addresses: secondaryAddresses, record: record(2, "secondary") },
      ]);
      await port.claim(record(2, "secondary"), record(3, "primary"));
      expect(await port.publish(record(3, "primary"))).toEqual({ kind: "done" });
      expect(await port.publish(record(3, "primary"))).toEqual({ kind: "done" });
      expect((await port.readAddresses())[0]?.addresses).toEqual(port.addressesOf("primary"));
    });

    test("publish of a server that does not own the name is lost and changes nothing", async () => {
      const port = at("guarded");
      await port.claim(undefined, record(1, "primary"));
      await port.publish(record(1, "primary"));
      expect(await port.publish(record(2, "secondary"))).toMatchObject({ kind: "lost" });
      expect((await port.readAddresses())[0]?.addresses).toEqual(primaryAddresses);
    });

    test("publish at an alias is refused with a hint", async () => {
      const port = at("alias");
      await port.claim(undefined, record(1, "primary"));
      await expect(port.publish(record(1, "primary"))).rejects.toMatchObject({
        code: "DNS_REFUSED",
        hint: expect.stringContaining("CNAME") as unknown,
      });
      expect((await port.readAddresses())[0]?.error).toContain("CNAME");
    });

    test("a claim where an alias stands is not taken for done, and the alias not for a missing record", async () => {
      const port = at("aliased");
      expect((await port.claim(undefined, record(1, "primary"))).kind).toBe("unclear");
      await expect(port.readRecord()).rejects.toMatchObject({ code: "DNS_INVALID" });
    });

    test("with a wrong secret nothing is changed, and the word of an unsigned refusal is not relied on", async () => {
      const port = at("secret", { tsigSecret: Buffer.from("not the secret") });
      const before = Date.now();
      const outcome = await port.claim(undefined, record(1, "primary"));
      expect(outcome).toMatchObject({ kind: "unclear", because: expect.stringContaining("BADSIG") as unknown });
      expect(outcome.kind === "unclear" && outcome.validUntilWallMs - before).toBeGreaterThanOrEqual(300000);
      await expect(port.readRecord()).rejects.toMatchObject({ code: "DNS_REFUSED" });
      expect(await at("secret").readRecord()).toBeUndefined();
    });

    test("with an unknown key nothing is changed", async () => {
      const port = at("key", { settings: { tsig: { keyName: "another-key" } } });
      const outcome = await port.claim(undefined, record(1, "primary"));
      expect(outcome).toMatchObject({ kind: "unclear", because: expect.stringContaining("BADKEY") as unknown });
      await expect(port.readRecord()).rejects.toMatchObject({
        code: "DNS_REFUSED",
        hint: expect.stringContaining("dns.tsig") as unknown,
      });
      expect(await at("key").readRecord()).toBeUndefined();
    });

    test.each([
      { when: "an hour ahead", shiftMs: 3600000 },
      { when: "an hour behind", shiftMs: -3600000 },
    ])("a client whose clock is $when asks once more with the server's time", async ({ when, shiftMs }) => {
      const log = recordingLog();
      const port = at(`clock-${when.replaceAll(" ", "-")}`, { clock: shiftedClock(shiftMs), log });
      expect(await port.claim(undefined, record(1, "primary"))).toEqual({ kind: "done" });
      expect(await port.readRecord()).toEqual(record(1, "primary"));
      expect(await port.claim(undefined, record(1, "primary", "other"))).toMatchObject({ kind: "lost" });
      const warnings = log.lines.filter((line) => line.event === "name-server-clock-differs");
      expect(warnings).toHaveLength(1);
      expect(Math.abs(Number(warnings[0]?.fields["offsetSeconds"]) + shiftMs / 1000)).toBeLessThan(5);
    });

    test("a claim whose answer is lost is unclear, and is read back as won", async () => {
      const relay = await startTcpRelay(server.port, { onAnswer: () => [] });
      try {
        const signed = Date.now();
        const outcome = await over(relay, "lost-answer", { settings: { limitSeconds: 0.5 } }).claim(
          undefined,
          record(1, "secondary"),
        );
        expect(outcome.kind).toBe("unclear");
        const validUntil = outcome.kind === "unclear" ? outcome.validUntilWallMs : 0;
        expect(validUntil).toBeGreaterThanOrEqual(signed + 300000);
        expect(validUntil).toBeLessThanOrEqual(Date.now() + 301000);
        expect(await at("lost-answer").readRecord()).toEqual(record(1, "secondary"));
      } finally {
        await relay.stop();
      }
    });

    test("a claim doubled on its way, of which only the second answer arrives, is won and not lost", async () => {
      let answers = 0;
      const relay = await startTcpRelay(server.port, {
        onRequest: (packet) => (isUpdate(packet) ? [packet, packet] : [packet]),
        onAnswer: (packet) => (isUpdate(packet) && (answers += 1) === 1 ? [] : [packet]),
      });
      try {
        expect(await over(relay, "doubled").claim(undefined, record(1, "secondary"))).toEqual({ kind: "done" });
        expect(answers).toBe(2);
      } finally {
        await relay.stop();
      }
    });

    test("an answer changed on its way proves nothing", async () => {
      const relay = await startTcpRelay(server.port, {
        // A violated prerequisite (the low half of the fourth octet) becomes NOERROR.
        onAnswer: (packet) => {
          const forged = Buffer.from(packet);
          forged.writeUInt8(forged.readUInt8(3) & 0xf0, 3);
          return [forged];
        },
      });
      try {
        const outcome = await over(relay, "forged").claim(record(1, "primary"), record(2, "secondary"));
        expect(outcome).toMatchObject({ kind: "unclear" });
        // The forger can also take the signature away; then it is an unsigned answer.
        expect(await at("forged").readRecord()).toBeUndefined();
      } finally {
        await relay.stop();
      }
    });

    test("the answer to another request proves nothing, though it is signed", async () => {
      let kept: Buffer | undefined;
      const relay = await startTcpRelay(server.port, {
        onAnswer: (packet) => {
          kept ??= Buffer.from(packet);
          const replayed = Buffer.from(kept);
          packet.copy(replayed, 0, 0, 2);
          return [replayed];
        },
      });
      try {
        const port = over(relay, "replayed");
        expect(await port.readRecord()).toBeUndefined();
        await at("replayed").claim(undefined, record(1, "primary"));
        await expect(port.readRecord()).rejects.toMatchObject({ code: "DNS_INVALID" });
      } finally {
        await relay.stop();
      }
    });
  });
}

/** Opcode 5 (RFC 2136 section 1.3). */
function isUpdate(packet: Buffer): boolean {
  return ((packet.readUInt8(2) >> 3) & 0xf) === 5;
}
