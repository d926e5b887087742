import { dnsType } from "./dns-codes.js";
import { encodeTxt } from "./dns-rdata.js";
import type { Update } from "./dns-update.js";

/** An own name beside the record: neither users nor the ownership rules ever ask for it. */
export function testRecordName(name: string): string {
  return `_sparesync-test.${name}`;
}

/** Adds the test name with a text nobody else can have written; what an interrupted test left behind goes first. */
export function planTestAddition(where: { readonly zone: string; readonly name: string }, text: string): Update {
  const name = testRecordName(where.name);
  return {
    zone: where.zone,
    prerequisites: [],
    changes: [
      { kind: "delete-rrset", name, type: dnsType.TXT },
      { kind: "add", name, type: dnsType.TXT, ttl: 0, data: encodeTxt([text]) },
    ],
  };
}

/** Deletes the test name, provided that it still holds the text of this test. */
export function planTestDeletion(where: { readonly zone: string; readonly name: string }, text: string): Update {
  const name = testRecordName(where.name);
  return {
    zone: where.zone,
    prerequisites: [{ kind: "rrset-equals", name, type: dnsType.TXT, data: encodeTxt([text]) }],
    changes: [{ kind: "delete-rrset", name, type: dnsType.TXT }],
  };
}
