import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { rcodeName, tsigErrorName } from "../../../actor/core/dns-codes.js";
import { decideUpdate, updateValidUntilMs } from "../../../actor/core/dns-outcome.js";

describe("what an answer to an update proves", () => {
  test("the whole table of authentic answers", () => {
    const rows = Array.from({ length: 16 }, (_, rcode) => {
      const row = [0, 16, 17, 18, 22].map((tsigError) => decideUpdate({ kind: "authentic", rcode, tsigError }).kind);
      return `${rcodeName(rcode)}: ${row.join(" ")}`;
    });
    expect([`error: ${[0, 16, 17, 18, 22].map(tsigErrorName).join(" ")}`, ...rows]).toEqual([
      "error: none BADSIG BADKEY BADTIME BADTRUNC",
      "NOERROR: done unclear unclear unclear unclear",
      "FORMERR: refused unclear unclear unclear unclear",
      "SERVFAIL: unclear unclear unclear unclear unclear",
      "NXDOMAIN: violated unclear unclear unclear unclear",
      "NOTIMP: refused unclear unclear unclear unclear",
      "REFUSED: refused unclear unclear unclear unclear",
      "YXDOMAIN: violated unclear unclear unclear unclear",
      "YXRRSET: violated unclear unclear unclear unclear",
      "NXRRSET: violated unclear unclear unclear unclear",
      "NOTAUTH: refused unclear unclear unclear unclear",
      "NOTZONE: refused unclear unclear unclear unclear",
      "RCODE11: unclear unclear unclear unclear unclear",
      "RCODE12: unclear unclear unclear unclear unclear",
      "RCODE13: unclear unclear unclear unclear unclear",
      "RCODE14: unclear unclear unclear unclear unclear",
      "RCODE15: unclear unclear unclear unclear unclear",
    ]);
  });

  test("without an authentic answer everything is unclear, and every refusal has a hint", () => {
    expect(decideUpdate({ kind: "none", because: "x" })).toEqual({ kind: "unclear", because: "x" });
    expect(decideUpdate({ kind: "unauthentic", because: "y" })).toEqual({ kind: "unclear", because: "y" });
    for (let rcode = 0; rcode < 16; rcode += 1) {
      const verdict = decideUpdate({ kind: "authentic", rcode, tsigError: 0 });
      if (verdict.kind === "refused") expect(verdict.hint).not.toBe("");
    }
  });
});

describe("how long a signature counts", () => {
  const base = { timeSignedSeconds: 1000, fudgeSeconds: 300, signedAtWallMs: 1000400, serverOffsetMs: 0 };
  test.each([
    { when: "the clocks agree", changes: {}, expected: 1301400 },
    { when: "the server's clock is 100 s behind", changes: { serverOffsetMs: -100000 }, expected: 1401000 },
    { when: "the server's clock is 100 s ahead", changes: { serverOffsetMs: 100000 }, expected: 1301400 },
    {
      when: "it was signed with the time of a server an hour ahead",
      changes: { timeSignedSeconds: 4600, serverOffsetMs: 3600000 },
      expected: 1301400,
    },
  ])("until $expected when $when", ({ changes, expected }) => {
    expect(updateValidUntilMs({ ...base, ...changes })).toBe(expected);
  });

  test("a server that compares whole seconds takes it at no later moment of this clock", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2000000, max: 9000000 }),
        fc.integer({ min: -4000000, max: 4000000 }),
        fc.boolean(),
        fc.nat(2000000),
        (signedAtWallMs, offsetMs, usesServerTime, laterMs) => {
          const timeSignedSeconds = Math.floor((signedAtWallMs + (usesServerTime ? offsetMs : 0)) / 1000);
          const until = updateValidUntilMs({
            timeSignedSeconds,
            fudgeSeconds: 300,
            signedAtWallMs,
            serverOffsetMs: offsetMs,
          });
          const serverSeconds = Math.floor((until + laterMs + offsetMs) / 1000);
          expect(serverSeconds - timeSignedSeconds).toBeGreaterThan(300);
        },
      ),
    );
  });
});
