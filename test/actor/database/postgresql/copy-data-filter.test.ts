import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { CopyDataFilter } from "../../../../actor/database/postgresql/copy-data-filter.js";

function message(kind: string, content: string): Buffer {
  const body = Buffer.from(content);
  const head = Buffer.alloc(5);
  head.write(kind, 0, "latin1");
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Pushes a stream in pieces of these lengths, again and again until it is through. */
function pushInPieces(filter: CopyDataFilter, stream: Buffer, lengths: readonly number[]): void {
  for (let at = 0, piece = 0; at < stream.length; piece += 1) {
    const length = lengths[piece % lengths.length] ?? 1;
    filter.push(stream.subarray(at, at + length));
    at += length;
  }
}

const lines = fc.string({ maxLength: 120 });
const messages = fc.array(fc.record({ kind: fc.constantFrom("d", "d", "d", "C", "Z", "H"), content: lines }), {
  maxLength: 30,
});
const pieces = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });

describe("the filter before the driver's parser", () => {
  test("takes exactly the lines and passes exactly the rest, wherever the stream is cut", () => {
    fc.assert(
      fc.property(messages, pieces, (sent, lengths) => {
        const passed: Buffer[] = [];
        let told = 0;
        const filter = new CopyDataFilter(
          (bytes) => passed.push(Buffer.from(bytes)),
          () => (told += 1),
        );
        pushInPieces(filter, Buffer.concat(sent.map(({ kind, content }) => message(kind, content))), lengths);
        const wanted = sent.filter(({ kind }) => kind === "d").map(({ content }) => content);
        const rest = sent.filter(({ kind }) => kind !== "d").map(({ kind, content }) => message(kind, content));
        expect([filter.rows, told]).toEqual([wanted.length, wanted.length]);
        expect(filter.take().toString()).toBe(wanted.join(""));
        expect(Buffer.concat(passed).equals(Buffer.concat(rest))).toBe(true);
      }),
    );
  });

  test("hands out what it holds and begins anew", () => {
    const filter = new CopyDataFilter(
      () => undefined,
      () => undefined,
    );
    filter.push(Buffer.concat([message("d", "one\n"), message("d", "x".repeat(100_000))]));
    expect(filter.take()).toHaveLength(100_004);
    filter.push(message("d", "two\n"));
    expect([filter.rows, filter.bytes, filter.take().toString()]).toEqual([1, 4, "two\n"]);
  });

  test.each([
    ["before the end", 3],
    ["at the end", 6],
  ])("passes everything on once it is over, cut %s", (_, cut) => {
    const passed: Buffer[] = [];
    const filter = new CopyDataFilter(
      (bytes) => {
        passed.push(Buffer.from(bytes));
        if (bytes[0] === "Z".charCodeAt(0)) filter.end();
      },
      () => undefined,
    );
    const notice = message("N", "wait");
    filter.push(message("d", "line"));
    const after = Buffer.concat([message("Z", "I"), notice]);
    const place = after.length - notice.length + cut - 3;
    filter.push(after.subarray(0, place));
    filter.push(after.subarray(place));
    expect(Buffer.concat(passed).equals(after)).toBe(true);
    expect(filter.take().toString()).toBe("line");
  });
});
