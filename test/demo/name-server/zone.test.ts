import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { answerRequest, type ServerFacts } from "../../../demo/name-server/answer.js";
import { updateZone } from "../../../demo/name-server/update-zone.js";
import { createZone, recordSet, serialOf, withSet, type Zone } from "../../../demo/name-server/zone.js";
import { encodeQuery } from "../../../actor/core/dns-answer.js";
import { dnsRcode, dnsType, tsigError } from "../../../actor/core/dns-codes.js";
import { decodeMessage } from "../../../actor/core/dns-message.js";
import { encodeName } from "../../../actor/core/dns-name.js";
import { addressRecord, decodeSoa, encodeSoa, encodeTxt } from "../../../actor/core/dns-rdata.js";
import { type Change, encodeUpdate, type Prerequisite } from "../../../actor/core/dns-update.js";
import { signMessage, verifyTsig } from "../../../actor/core/tsig.js";
import { hostilePacket, nsupdateKey } from "../../support/dns-fixtures.js";

const { A, TXT, CNAME, SOA, NS } = dnsType;
const alias = { name: "alias.z", type: CNAME, class: 1, ttl: 5, data: encodeName("app.z") };
const base = createZone("z", [addressRecord("app.z", "192.0.2.1", 5), addressRecord("app.z", "192.0.2.2", 5), alias]);
const address = (last: number): Buffer => Buffer.from([192, 0, 2, last]);
const add = (name: string, type: number, data: Buffer): Change => ({ kind: "add", name, type, ttl: 5, data });
const update = (
  changes: readonly Change[],
  prerequisites: readonly Prerequisite[] = [],
): ReturnType<typeof updateZone> => updateZone(base, { zone: "Z.", prerequisites, changes });
const dataOf = (zone: Zone, name: string, type: number): readonly string[] | undefined =>
  recordSet(zone, name, type)?.data.map((one) => one.toString("hex"));

describe("an update of the zone", () => {
  test("that changes something raises the serial by one, and leaves the zone before it as it was", () => {
    const { rcode, zone } = update([add("new.z", A, address(9)), add("new.z", A, address(8))]);
    expect(rcode).toBe(dnsRcode.NOERROR);
    expect(serialOf(zone)).toBe(serialOf(base) + 1);
    expect(dataOf(zone, "NEW.z", A)).toEqual(["c0000209", "c0000208"]);
    expect(recordSet(base, "new.z", A)).toBeUndefined();
  });

  test.each([
    { when: "what is added is there", changes: [add("app.z", A, address(1))] },
    { when: "an address is added beside an alias", changes: [add("alias.z", A, address(1))] },
    { when: "an alias is added beside addresses", changes: [add("app.z", CNAME, encodeName("z"))] },
    { when: "the SOA is deleted", changes: [{ kind: "delete-rrset", name: "z", type: SOA }] },
    { when: "the zone's NS are deleted", changes: [{ kind: "delete-rrset", name: "z", type: NS }] },
    {
      when: "the last NS is deleted",
      changes: [{ kind: "delete-record", name: "z", type: NS, data: encodeName("ns.z") }],
    },
    { when: "all of the zone's own name is deleted", changes: [{ kind: "delete-name", name: "z" }] },
    { when: "what is deleted is not there", changes: [{ kind: "delete-rrset", name: "none.z", type: A }] },
    {
      when: "a value that is not there is deleted",
      changes: [{ kind: "delete-record", name: "app.z", type: A, data: address(3) }],
    },
  ] as { when: string; changes: Change[] }[])("changes nothing, and no serial, when $when", ({ changes }) => {
    expect(update(changes)).toEqual({ rcode: dnsRcode.NOERROR, zone: base });
  });

  test("one value of several is deleted, and a whole name", () => {
    const one = update([{ kind: "delete-record", name: "app.z", type: A, data: address(1) }]).zone;
    expect(dataOf(one, "app.z", A)).toEqual(["c0000202"]);
    expect(update([{ kind: "delete-name", name: "app.z" }]).zone.names.has("app.z")).toBe(false);
  });

  test("an alias is replaced by another, and an SOA only by a later one", () => {
    const other = encodeName("other.z");
    expect(dataOf(update([add("alias.z", CNAME, other)]).zone, "alias.z", CNAME)).toEqual([other.toString("hex")]);
    const soa = decodeSoa(recordSet(base, "z", SOA)!.data[0]!);
    const later = add("z", SOA, encodeSoa({ ...soa, serial: soa.serial + 5 }));
    expect(serialOf(update([later]).zone)).toBe(soa.serial + 5);
    expect(update([add("z", SOA, encodeSoa({ ...soa, serial: soa.serial - 1 }))]).zone).toBe(base);
  });

  test("the serial goes on at 1 after its last", () => {
    const soa = decodeSoa(recordSet(base, "z", SOA)!.data[0]!);
    const last = withSet(base, "z", SOA, { ttl: 1, data: [encodeSoa({ ...soa, serial: 0xffffffff })] });
    const { zone } = updateZone(last, { zone: "z", prerequisites: [], changes: [add("new.z", A, address(1))] });
    expect(serialOf(zone)).toBe(1);
  });

  const changes = [add("new.z", A, address(9))];
  const equals = (...last: number[]): Prerequisite[] =>
    last.map((one) => ({ kind: "rrset-equals", name: "app.z", type: A, data: address(one) }));
  test.each([
    { when: "the whole set is given in another order", prerequisites: equals(2, 1), rcode: "NOERROR" },
    { when: "only a part of the set is given", prerequisites: equals(1), rcode: "NXRRSET" },
    { when: "more than the set is given", prerequisites: equals(1, 2, 3), rcode: "NXRRSET" },
    {
      when: "the name must be unused and is not",
      prerequisites: [{ kind: "name-unused", name: "app.z" }],
      rcode: "YXDOMAIN",
    },
    {
      when: "the name must be used and is not",
      prerequisites: [{ kind: "name-in-use", name: "no.z" }],
      rcode: "NXDOMAIN",
    },
    {
      when: "a set must exist and does not",
      prerequisites: [{ kind: "rrset-exists", name: "app.z", type: TXT }],
      rcode: "NXRRSET",
    },
    {
      when: "a set must not exist and does",
      prerequisites: [{ kind: "rrset-absent", name: "app.z", type: A }],
      rcode: "YXRRSET",
    },
    { when: "a name is outside the zone", prerequisites: [{ kind: "name-unused", name: "app.zz" }], rcode: "NOTZONE" },
  ] as { when: string; prerequisites: Prerequisite[]; rcode: keyof typeof dnsRcode }[])(
    "is answered $rcode when $when",
    ({ prerequisites, rcode }) => {
      const result = update(changes, prerequisites);
      expect(result.rcode).toBe(dnsRcode[rcode]);
      expect(result.zone !== base).toBe(rcode === "NOERROR");
    },
  );

  test("is done whole or not at all", () => {
    expect(update([...changes, add("app.elsewhere", A, address(1))])).toEqual({ rcode: dnsRcode.NOTZONE, zone: base });
    expect(updateZone(base, { zone: "other", prerequisites: [], changes })).toEqual({
      rcode: dnsRcode.NOTAUTH,
      zone: base,
    });
  });
});

describe("an answer of the server", () => {
  const now = 1800000000;
  const facts: ServerFacts = { zone: base, key: nsupdateKey, nowSeconds: now, maximumBytes: 65535 };
  const unsigned = encodeUpdate(9, { zone: "z", prerequisites: [], changes: [add("new.z", A, address(9))] });
  const sign = (timeSignedSeconds: number): { packet: Buffer; mac: Buffer } =>
    signMessage(unsigned, nsupdateKey, { timeSignedSeconds });

  test("to a signed update is signed over it, and the update is done", () => {
    const request = sign(now);
    const answered = answerRequest(request.packet, facts);
    expect(dataOf(answered.zone, "new.z", A)).toEqual(["c0000209"]);
    expect(answered.update?.changes).toHaveLength(1);
    const message = decodeMessage(answered.packet!);
    const verdict = verifyTsig(answered.packet!, message, nsupdateKey, { nowSeconds: now, requestMac: request.mac });
    expect(verdict.kind).toBe("authentic");
    expect(message).toMatchObject({ id: 9, isAnswer: true, opcode: 5, rcode: dnsRcode.NOERROR });
  });

  test.each([
    { when: "not signed", packet: unsigned, rcode: dnsRcode.REFUSED, error: undefined, isSigned: false },
    {
      when: "signed an hour ago",
      packet: sign(now - 3600).packet,
      rcode: dnsRcode.NOTAUTH,
      error: tsigError.BADTIME,
      isSigned: true,
    },
    {
      when: "signed with another secret",
      packet: signMessage(unsigned, { ...nsupdateKey, secret: address(1) }, { timeSignedSeconds: now }).packet,
      rcode: dnsRcode.NOTAUTH,
      error: tsigError.BADSIG,
      isSigned: false,
    },
    {
      when: "signed with an unknown key",
      packet: signMessage(unsigned, { ...nsupdateKey, name: "other" }, { timeSignedSeconds: now }).packet,
      rcode: dnsRcode.NOTAUTH,
      error: tsigError.BADKEY,
      isSigned: false,
    },
    {
      when: "cut off",
      packet: sign(now).packet.subarray(0, -1),
      rcode: dnsRcode.FORMERR,
      error: undefined,
      isSigned: false,
    },
  ])("to an update that is $when changes nothing", ({ packet, rcode, error, isSigned }) => {
    const answered = answerRequest(packet, facts);
    expect(answered.zone).toBe(base);
    expect(answered.update).toBeUndefined();
    const message = decodeMessage(answered.packet!);
    expect(message.rcode).toBe(rcode);
    const verdict = verifyTsig(answered.packet!, message, nsupdateKey, {
      nowSeconds: now - 3600,
      requestMac: sign(now - 3600).mac,
    });
    expect("tsig" in verdict ? verdict.tsig.error : undefined).toBe(error);
    expect(verdict.kind === "authentic").toBe(isSigned);
  });

  test("to an update of a zone of another class is NOTAUTH", () => {
    const chaos = Buffer.from(unsigned);
    chaos.writeUInt16BE(3, 12 + 3 + 2);
    const { packet } = signMessage(chaos, nsupdateKey, { timeSignedSeconds: now });
    const answered = answerRequest(packet, facts);
    expect(answered.zone).toBe(base);
    expect(decodeMessage(answered.packet!).rcode).toBe(dnsRcode.NOTAUTH);
  });

  test("that does not fit the datagram is cut, and says so", () => {
    const long = Array.from({ length: 5 }, (_, index) => add("long.z", TXT, encodeTxt([String(index).repeat(200)])));
    const zone = update(long).zone;
    const query = encodeQuery(1, "long.z", TXT);
    const cut = answerRequest(query, { ...facts, zone, maximumBytes: 512 }).packet!;
    expect(decodeMessage(cut)).toMatchObject({ isTruncated: true, answers: [] });
    expect(decodeMessage(answerRequest(query, { ...facts, zone }).packet!).answers).toHaveLength(5);
  });

  test("to an alias that leads to itself ends", () => {
    const { zone } = update([add("loop.z", CNAME, encodeName("loop.z"))]);
    const answered = answerRequest(encodeQuery(1, "loop.z", A), { ...facts, zone });
    expect(decodeMessage(answered.packet!).answers.length).toBeLessThan(20);
  });

  test("is none to an answer, and whatever else arrives changes nothing and is answered in form", () => {
    expect(answerRequest(answerRequest(encodeQuery(1, "app.z", A), facts).packet!, facts).packet).toBeUndefined();
    fc.assert(
      fc.property(hostilePacket, (packet) => {
        const answered = answerRequest(packet, facts);
        expect(answered.zone).toBe(base);
        if (answered.packet !== undefined) expect(decodeMessage(answered.packet).id).toBe(packet.readUInt16BE(0));
      }),
      { numRuns: 2000 },
    );
  });
});
