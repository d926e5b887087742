import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { serverNames } from "../../../shared/core/server-name.js";
import { decodeOwnershipRecord, encodeOwnershipRecord, isSameRecord } from "../../../actor/core/ownership-record.js";

const record = { epoch: 7, active: "primary", operationId: "abc123" } as const;

describe("the text of the ownership record", () => {
  test("is what the next claim has as its prerequisite", () => {
    expect(encodeOwnershipRecord(record)).toBe("epoch=7 active=primary op=abc123");
  });

  test("comes back from every record", () => {
    const records = fc.record({
      epoch: fc.integer({ min: 0, max: 999_999_999_999_999 }),
      active: fc.constantFrom(...serverNames),
      operationId: fc.stringMatching(/^[a-z0-9]{1,64}$/),
    });
    fc.assert(
      fc.property(records, (any) => {
        expect(decodeOwnershipRecord(encodeOwnershipRecord(any))).toEqual(any);
      }),
    );
  });

  test.each([
    { when: "it is empty", text: "" },
    { when: "a word is missing", text: "epoch=7 active=primary" },
    { when: "the epoch has a leading zero", text: "epoch=07 active=primary op=a" },
    { when: "the epoch is negative", text: "epoch=-1 active=primary op=a" },
    { when: "the epoch is beyond what a number holds", text: "epoch=1234567890123456 active=primary op=a" },
    { when: "the server is a third one", text: "epoch=7 active=tertiary op=a" },
    { when: "the id has upper case, which PowerDNS does not tell apart", text: "epoch=7 active=primary op=A" },
    { when: "the id is empty", text: "epoch=7 active=primary op=" },
    { when: "the id is longer than 64", text: `epoch=7 active=primary op=${"a".repeat(65)}` },
    { when: "there is more behind it", text: "epoch=7 active=primary op=a x" },
    { when: "there is a line feed behind it", text: "epoch=7 active=primary op=a\n" },
    { when: "two blanks divide it", text: "epoch=7  active=primary op=a" },
  ])("is not guessed at when $when", ({ text }) => {
    expect(decodeOwnershipRecord(text)).toBeUndefined();
  });

  test.each([
    { when: "nothing differs", change: {}, isSame: true },
    { when: "the epoch differs", change: { epoch: 8 }, isSame: false },
    { when: "the owner differs", change: { active: "secondary" as const }, isSame: false },
    { when: "the operation differs", change: { operationId: "abc124" }, isSame: false },
  ])("is the same: $isSame, when $when", ({ change, isSame }) => {
    expect(isSameRecord(record, { ...record, ...change })).toBe(isSame);
  });
});
