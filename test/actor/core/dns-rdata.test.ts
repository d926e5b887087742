import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  canonicalAddress,
  decodeSoa,
  decodeTxt,
  encodeSoa,
  encodeTxt,
  formatAddress,
  parseAddress,
} from "../../../actor/core/dns-rdata.js";

const invalid = expect.objectContaining({ code: "DNS_INVALID" });

describe("addresses", () => {
  test.each([
    { text: "192.0.2.1", canonical: "192.0.2.1" },
    { text: "2001:DB8:0:0:0:0:0:1", canonical: "2001:db8::1" },
    { text: "2001:db8::0:1", canonical: "2001:db8::1" },
    { text: "::", canonical: "::" },
    { text: "::1", canonical: "::1" },
    { text: "1::", canonical: "1::" },
    { text: "1:0:0:2:0:0:0:3", canonical: "1:0:0:2::3" },
    { text: "1:0:2:3:4:5:6:7", canonical: "1:0:2:3:4:5:6:7" },
    { text: "::ffff:192.0.2.1", canonical: "::ffff:c000:201" },
  ])("$text is $canonical", ({ text, canonical }) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  test.each(["", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", "1:2", "1::2::3", "::g", "fe80::1%eth0", "12345::"])(
    "%s is no address",
    (text) => {
      expect(() => parseAddress(text)).toThrow(invalid);
    },
  );

  test("every address survives as text, and is written as a browser writes it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(4, 16),
        fc.array(fc.constantFrom(0, 0, 1, 255), { minLength: 16, maxLength: 16 }),
        (length, bytes) => {
          const data = Buffer.from(bytes.slice(0, length));
          const text = formatAddress(data);
          expect(parseAddress(text)).toEqual(data);
          const host = length === 4 ? text : `[${text}]`;
          expect(new URL(`http://${host}/`).hostname).toBe(host);
        },
      ),
    );
  });
});

describe("TXT and SOA", () => {
  test("strings survive, and one longer than 255 octets is refused", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 255 }), { minLength: 1, maxLength: 4 }), (parts) => {
        const strings = parts.map((part) => Buffer.from(part).toString("latin1"));
        expect(decodeTxt(encodeTxt(strings))).toEqual(strings);
      }),
    );
    expect(() => encodeTxt(["x".repeat(256)])).toThrow(invalid);
    expect(() => encodeTxt(["€"])).toThrow(invalid);
    expect(() => encodeTxt([])).toThrow(invalid);
    expect(() => decodeTxt(Buffer.from([2, 65]))).toThrow(invalid);
    expect(() => decodeTxt(Buffer.alloc(0))).toThrow(invalid);
  });

  test("an SOA survives, and one with a wrong length is refused", () => {
    const soa = {
      primaryServer: "ns.example.test",
      mailbox: "hostmaster.example.test",
      serial: 0xffffffff,
      refreshSeconds: 1,
      retrySeconds: 2,
      expireSeconds: 3,
      minimumSeconds: 4,
    };
    expect(decodeSoa(encodeSoa(soa))).toEqual(soa);
    expect(() => decodeSoa(Buffer.concat([encodeSoa(soa), Buffer.alloc(1)]))).toThrow(invalid);
    expect(() => decodeSoa(encodeSoa(soa).subarray(0, -1))).toThrow(invalid);
  });
});
