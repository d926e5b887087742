import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { dnsClass, dnsType } from "../../../actor/core/dns-codes.js";
import { decodeMessage, encodeMessage } from "../../../actor/core/dns-message.js";
import { planClaim, planPublish } from "../../../actor/core/dns-ownership-update.js";
import { encodeTxt } from "../../../actor/core/dns-rdata.js";
import { type Change, decodeUpdate, encodeUpdate, type Prerequisite } from "../../../actor/core/dns-update.js";
import { anyName, hostilePacket, nsupdatePacket } from "../../support/dns-fixtures.js";

const where = { zone: "example.test", name: "app.example.test", ttlSeconds: 30 };
const recordName = "_sparesync.app.example.test";
const old = { epoch: 1, active: "primary", operationId: "a" } as const;
const next = { epoch: 2, active: "secondary", operationId: "b" } as const;
const txt = (text: string): Buffer => encodeTxt([text]);

describe("updates", () => {
  test("what BIND's nsupdate sends is understood", () => {
    expect(decodeUpdate(decodeMessage(nsupdatePacket))).toEqual({
      zone: "example.test",
      prerequisites: [
        { kind: "rrset-equals", name: recordName, type: dnsType.TXT, data: txt("epoch=1 active=primary op=a") },
        { kind: "rrset-absent", name: "app.example.test", type: dnsType.CNAME },
      ],
      changes: [
        { kind: "delete-rrset", name: recordName, type: dnsType.TXT },
        { kind: "add", name: recordName, type: dnsType.TXT, ttl: 0, data: txt("epoch=2 active=secondary op=b") },
      ],
    });
  });

  test("a claim changes the TXT alone, from exactly the old record to the new one", () => {
    expect(planClaim(where, old, next)).toEqual({
      zone: "example.test",
      prerequisites: [
        { kind: "rrset-equals", name: recordName, type: dnsType.TXT, data: txt("epoch=1 active=primary op=a") },
      ],
      changes: [
        { kind: "delete-rrset", name: recordName, type: dnsType.TXT },
        { kind: "add", name: recordName, type: dnsType.TXT, ttl: 0, data: txt("epoch=2 active=secondary op=b") },
      ],
    });
  });

  test("the first claim needs that there is neither a record nor an alias", () => {
    expect(planClaim(where, undefined, next).prerequisites).toEqual([
      { kind: "rrset-absent", name: recordName, type: dnsType.TXT },
      { kind: "rrset-absent", name: recordName, type: dnsType.CNAME },
    ]);
  });

  test("a publication replaces A and AAAA, with the own record as prerequisite", () => {
    const name = "app.example.test";
    expect(planPublish(where, next, ["198.51.100.20", "2001:db8::20"])).toEqual({
      zone: "example.test",
      prerequisites: [
        { kind: "rrset-absent", name, type: dnsType.CNAME },
        { kind: "rrset-equals", name: recordName, type: dnsType.TXT, data: txt("epoch=2 active=secondary op=b") },
      ],
      changes: [
        { kind: "delete-rrset", name, type: dnsType.A },
        { kind: "delete-rrset", name, type: dnsType.AAAA },
        { kind: "add", name, type: dnsType.A, ttl: 30, data: Buffer.from("c6336414", "hex") },
        {
          kind: "add",
          name,
          type: dnsType.AAAA,
          ttl: 30,
          data: Buffer.from("20010db8000000000000000000000020", "hex"),
        },
      ],
    });
  });

  test("every update survives the wire", () => {
    const type = fc.constantFrom(dnsType.A, dnsType.TXT, dnsType.AAAA, 99, 65280);
    const data = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const kind = <Kind extends string>(one: Kind): fc.Arbitrary<Kind> => fc.constant(one);
    const prerequisite: fc.Arbitrary<Prerequisite> = fc.oneof(
      fc.record({ kind: kind("rrset-exists"), name: anyName, type }),
      fc.record({ kind: kind("rrset-absent"), name: anyName, type }),
      fc.record({ kind: kind("name-in-use"), name: anyName }),
      fc.record({ kind: kind("name-unused"), name: anyName }),
      fc.record({ kind: kind("rrset-equals"), name: anyName, type, data }),
    );
    const change: fc.Arbitrary<Change> = fc.oneof(
      fc.record({ kind: kind("add"), name: anyName, type, ttl: fc.nat(), data }),
      fc.record({ kind: kind("delete-rrset"), name: anyName, type }),
      fc.record({ kind: kind("delete-name"), name: anyName }),
      fc.record({ kind: kind("delete-record"), name: anyName, type, data }),
    );
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.record({
          zone: anyName,
          prerequisites: fc.array(prerequisite, { maxLength: 4 }),
          changes: fc.array(change, { maxLength: 4 }),
        }),
        (id, update) => {
          const message = decodeMessage(encodeUpdate(id, update));
          expect(message.id).toBe(id);
          expect(decodeUpdate(message)).toEqual(update);
        },
      ),
    );
  });

  const base = decodeMessage(encodeUpdate(1, { zone: "z", prerequisites: [], changes: [] }));
  const record = { name: "a.z", type: 16, class: dnsClass.any, ttl: 0, data: Buffer.alloc(0) };
  const full = Buffer.from([1, 65]);
  test.each([
    { when: "it is a query", message: { ...base, opcode: 0 } },
    { when: "there is no zone", message: { ...base, questions: [] } },
    { when: "there are two zones", message: { ...base, questions: [...base.questions, ...base.questions] } },
    { when: "the zone is no SOA", message: { ...base, questions: [{ name: "z", type: 1, class: 1 }] } },
    { when: "a prerequisite has a TTL", message: { ...base, answers: [{ ...record, ttl: 1 }] } },
    { when: "a prerequisite of class ANY has data", message: { ...base, answers: [{ ...record, data: full }] } },
    { when: "a prerequisite has class CHAOS", message: { ...base, answers: [{ ...record, class: 3 }] } },
    { when: "a prerequisite compares type ANY", message: { ...base, answers: [{ ...record, class: 1, type: 255 }] } },
    { when: "a prerequisite is about AXFR", message: { ...base, answers: [{ ...record, type: 252 }] } },
    { when: "a deletion has a TTL", message: { ...base, authorities: [{ ...record, ttl: 1 }] } },
    { when: "a deletion of a set has data", message: { ...base, authorities: [{ ...record, data: full }] } },
    { when: "a deletion is of type MAILA", message: { ...base, authorities: [{ ...record, type: 254 }] } },
    { when: "type ANY is added", message: { ...base, authorities: [{ ...record, class: 1, type: 255, data: full }] } },
    {
      when: "any type of one value is deleted",
      message: { ...base, authorities: [{ ...record, class: 254, type: 255 }] },
    },
    { when: "a change has class CHAOS", message: { ...base, authorities: [{ ...record, class: 3 }] } },
  ])("is refused when $when", ({ message }) => {
    const packet = encodeMessage(message);
    expect(() => decodeUpdate(decodeMessage(packet))).toThrow(expect.objectContaining({ code: "DNS_INVALID" }));
  });

  test("nothing that arrives makes it throw anything but DNS_INVALID", () => {
    fc.assert(
      fc.property(hostilePacket, (packet) => {
        try {
          decodeUpdate(decodeMessage(packet));
        } catch (error) {
          expect(error).toMatchObject({ code: "DNS_INVALID" });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
