import { describe, expect, test } from "@jest/globals";
import { encodeQuery, isAnswerTo, readAddressAnswer, readRecordAnswer } from "../../../actor/core/dns-answer.js";
import { dnsRcode, dnsType } from "../../../actor/core/dns-codes.js";
import { decodeMessage, type DnsMessage, type DnsRecord } from "../../../actor/core/dns-message.js";
import { encodeTxt } from "../../../actor/core/dns-rdata.js";

const question = { name: "_sparesync.app.test", type: dnsType.TXT, class: 1 };
const txt = (strings: readonly string[], name = question.name): DnsRecord => ({
  ...question,
  name,
  ttl: 0,
  data: encodeTxt(strings),
});
const good = txt(["epoch=3 active=secondary op=abc"]);
const answer: DnsMessage = {
  ...decodeMessage(encodeQuery(5, question.name, question.type)),
  isAnswer: true,
  isAuthoritative: true,
};
const outcomeOf = (message: DnsMessage): unknown => {
  try {
    return readRecordAnswer(message, question) ?? "none";
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe("the record in an answer", () => {
  const found = { epoch: 3, active: "secondary", operationId: "abc" };
  test.each([
    { when: "there is one record", changes: { answers: [good] }, expected: found },
    {
      when: "the name is in capitals",
      changes: { answers: [txt(["epoch=3 active=secondary op=abc"], "_SPARESYNC.App.test")] },
      expected: found,
    },
    { when: "there is no data", changes: {}, expected: "none" },
    { when: "there is no such name", changes: { rcode: dnsRcode.NXDOMAIN }, expected: "none" },
    { when: "there is no data, but without authority", changes: { isAuthoritative: false }, expected: "DNS_INVALID" },
    {
      when: "there is no such name, but without authority",
      changes: { isAuthoritative: false, rcode: 3 },
      expected: "DNS_INVALID",
    },
    { when: "it is without authority", changes: { answers: [good], isAuthoritative: false }, expected: "DNS_INVALID" },
    { when: "it is truncated", changes: { isTruncated: true }, expected: "DNS_INVALID" },
    { when: "there are two records", changes: { answers: [good, txt(["x"])] }, expected: "DNS_INVALID" },
    {
      when: "it has two strings",
      changes: { answers: [txt(["epoch=3 active=secondary", " op=abc"])] },
      expected: "DNS_INVALID",
    },
    { when: "its text is another", changes: { answers: [txt(["v=spf1 -all"])] }, expected: "DNS_INVALID" },
    {
      when: "its text has a tail",
      changes: { answers: [txt(["epoch=3 active=secondary op=abc "])] },
      expected: "DNS_INVALID",
    },
    { when: "it is empty", changes: { answers: [txt([""])] }, expected: "DNS_INVALID" },
    {
      when: "its data are cut off",
      changes: { answers: [{ ...good, data: Buffer.from([9, 65]) }] },
      expected: "DNS_INVALID",
    },
    { when: "it belongs to another name", changes: { answers: [txt(["x"], "other.test")] }, expected: "DNS_INVALID" },
    { when: "it has another class", changes: { answers: [{ ...good, class: 3 }] }, expected: "DNS_INVALID" },
    { when: "there is an alias", changes: { answers: [{ ...good, type: dnsType.CNAME }] }, expected: "DNS_INVALID" },
    {
      when: "an alias leads to nothing",
      changes: { rcode: 3, answers: [{ ...good, type: dnsType.CNAME }] },
      expected: "DNS_INVALID",
    },
    { when: "a record comes with NXDOMAIN", changes: { rcode: 3, answers: [good] }, expected: "DNS_INVALID" },
    { when: "the server fails", changes: { rcode: dnsRcode.SERVFAIL }, expected: "DNS_REFUSED" },
    { when: "the server refuses", changes: { rcode: dnsRcode.REFUSED }, expected: "DNS_REFUSED" },
  ])("$when: $expected", ({ changes, expected }) => {
    expect(outcomeOf({ ...answer, ...changes })).toEqual(expected);
  });
});

test.each([
  { when: "all fits", changes: {}, expected: true },
  {
    when: "the name is in capitals",
    changes: { questions: [{ ...question, name: question.name.toUpperCase() }] },
    expected: true,
  },
  { when: "the id is another", changes: { id: 6 }, expected: false },
  { when: "it is a question", changes: { isAnswer: false }, expected: false },
  { when: "it is of an update", changes: { opcode: 5 }, expected: false },
  { when: "the type is another", changes: { questions: [{ ...question, type: 1 }] }, expected: false },
  { when: "the class is another", changes: { questions: [{ ...question, class: 3 }] }, expected: false },
  { when: "the name is another", changes: { questions: [{ ...question, name: "x.test" }] }, expected: false },
  { when: "nothing is echoed", changes: { questions: [] }, expected: false },
])("is an answer to the question: $expected when $when", ({ changes, expected }) => {
  expect(isAnswerTo(question, 5, { ...answer, ...changes })).toBe(expected);
});

test("addresses are read in their canonical spelling, and one of a wrong length is refused", () => {
  const asked = { name: "app.test", type: dnsType.AAAA, class: 1 };
  const data = Buffer.from("20010db8000000000000000000000001", "hex");
  const message = { ...answer, answers: [{ ...asked, ttl: 1, data }] };
  expect(readAddressAnswer(message, asked)).toEqual(["2001:db8::1"]);
  const short = { ...answer, answers: [{ ...asked, ttl: 1, data: data.subarray(0, 4) }] };
  expect(() => readAddressAnswer(short, asked)).toThrow(expect.objectContaining({ code: "DNS_INVALID" }));
});
