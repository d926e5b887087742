import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeBatch } from "../../../actor/core/file-batch.js";
import { encodeBatch, FileBatchWriter } from "../../../actor/core/file-batch-writer.js";
import { encodeExtended } from "../../../actor/core/extended-attributes.js";
import type { WireOperation } from "../../../actor/core/file-operation.js";
import { errorCode } from "../../../shared/core/app-error.js";

const path = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
const kind = fc.constantFrom("file" as const, "folder" as const, "link" as const, "other" as const);
const attributes = fc
  .record({
    mode: fc.integer({ min: 0, max: 0o7777 }),
    mtimeNs: fc.bigInt({ min: -(2n ** 60n), max: 2n ** 63n }),
    owner: fc.option(fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 0xffffffff }))),
    values: fc.option(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 3 })),
  })
  .map(({ owner, values, ...rest }) => ({
    ...rest,
    ...(owner === null ? {} : { uid: owner[0], gid: owner[1] }),
    ...(values === null ? {} : { extended: extendedOf(values) }),
  }));
const extendedOf = (values: readonly Uint8Array[]): string =>
  encodeExtended(values.map((value, index) => ({ name: `user.${index}`, value: Buffer.from(value) }))) ?? "";
const transfer = fc.stringMatching(/^[a-z0-9]{1,20}$/);
const large = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const content = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

type Sent = readonly [WireOperation, Buffer];
const without = (one: fc.Arbitrary<WireOperation>): fc.Arbitrary<Sent> => one.map((made) => [made, Buffer.alloc(0)]);
const operation: fc.Arbitrary<Sent> = fc.oneof(
  without(fc.tuple(path, kind).map(([p, k]) => ({ do: "remove", path: p, kind: k }))),
  without(
    fc.tuple(path, fc.integer({ min: 0, max: 0o7777 })).map(([p, mode]) => ({ do: "make-folder", path: p, mode })),
  ),
  fc
    .tuple(path, hash, fc.integer({ min: 0, max: 0xffffffff }), content, attributes)
    .map(([p, contentHash, crc32, body, rest]): Sent => {
      return [{ do: "put-file", path: p, contentHash, crc32, bytes: body.length, ...rest }, body];
    }),
  fc
    .tuple(transfer, large, content)
    .map(([t, offset, body]): Sent => [{ do: "put-segment", transfer: t, offset, bytes: body.length }, body]),
  without(
    fc.tuple(path, transfer, large, attributes).map(([p, t, size, rest]) => {
      return { do: "finish-file", path: p, transfer: t, size, ...rest };
    }),
  ),
  without(transfer.map((t) => ({ do: "drop-transfer", transfer: t }))),
  without(
    fc.tuple(path, transfer, hash).map(([p, t, state]) => {
      return { do: "begin-transfer", path: p, transfer: t, state: state.toString("hex") };
    }),
  ),
  without(
    fc.tuple(path, path, attributes).map(([p, linkTarget, rest]) => ({ do: "put-link", path: p, linkTarget, ...rest })),
  ),
  without(
    fc.tuple(path, kind, attributes).map(([p, k, rest]) => ({ do: "set-attributes", path: p, kind: k, ...rest })),
  ),
  without(fc.tuple(path, path, kind).map(([p, from, k]) => ({ do: "move", path: p, from, kind: k }))),
);

test("a batch comes back as it was sent", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), (sent) => {
      const operations = sent.map(([one]) => one);
      const contents = sent.map(([, body]) => body);
      expect(decodeBatch(encodeBatch(operations, contents))).toEqual({ operations, contents });
    }),
  );
});

test("a writer builds one batch after the other in the same memory", () => {
  const writer = new FileBatchWriter();
  for (const text of ["first", "second, and longer than the first", "3"]) {
    const content = Buffer.from(text);
    content.copy(writer.place(content.length));
    const one = { do: "put-file", path: text, bytes: content.length, ...attributesOfPut } as const;
    writer.add(one, content.length);
    expect(writer.count).toBe(1);
    expect(writer.finish()).toHaveLength(writer.bytes);
    expect(decodeBatch(writer.finish())).toEqual({ operations: [one], contents: [content] });
    writer.clear();
  }
});

test("a place that is not used after all is given again", () => {
  const writer = new FileBatchWriter();
  writer.place(100_000).fill(1);
  Buffer.from("xx").copy(writer.place(2));
  writer.add(put, 2);
  expect(decodeBatch(writer.finish())).toEqual({ operations: [put], contents: [Buffer.from("xx")] });
});

const attributesOfPut = { contentHash: Buffer.alloc(32), crc32: 0, mode: 0, mtimeNs: 0n };
const put: WireOperation = { do: "put-file", path: "ab", bytes: 2, ...attributesOfPut };
/** The operations stand behind the head and the two bytes of content. */
const first = 10;

function bytesOf(one: WireOperation = put, body = "xx"): Buffer {
  return encodeBatch([one], [Buffer.from(body)]);
}

function codeOf(body: Buffer): string | undefined {
  try {
    decodeBatch(body);
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

/** A batch with one byte, or several, replaced. */
function altered(at: number, ...bytes: number[]): Buffer {
  const body = bytesOf();
  Buffer.from(bytes).copy(body, at);
  return body;
}

describe("a hostile batch is refused, with", () => {
  test("extended attributes that are none", () => {
    const extended = encodeExtended([{ name: "user.a", value: Buffer.from("v") }]) ?? "";
    expect(codeOf(bytesOf({ ...put, extended }))).toBeUndefined();
    expect(codeOf(bytesOf({ ...put, extended: extended.slice(1) }))).toBe("REQUEST_INVALID");
    const body = bytesOf({ ...put, extended });
    for (let length = 0; length < body.length; length += 1)
      expect(codeOf(body.subarray(0, length))).toBe("REQUEST_INVALID");
  });

  test("any length but its own", () => {
    const body = bytesOf();
    for (let length = 0; length < body.length; length += 1)
      expect(codeOf(body.subarray(0, length))).toBe("REQUEST_INVALID");
    expect(codeOf(Buffer.concat([body, Buffer.from("x")]))).toBe("REQUEST_INVALID");
    expect(codeOf(body)).toBeUndefined();
  });

  test.each([
    { when: "more operations than a batch holds", body: altered(0, 0xff, 0xff) },
    { when: "operations longer than the message", body: altered(4, 0xff, 0xff, 0xff, 0xff) },
    { when: "an operation that does not exist", body: altered(first, 99) },
    { when: "a kind that does not exist", body: altered(first + 1, 99) },
    { when: "no hash", body: altered(first + 2, 0) },
    { when: "a mode with bits that are none", body: altered(first + 3, 0xff, 0xff) },
    { when: "a size that is not a number", body: altered(first + 21, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f) },
    { when: "a negative size", body: altered(first + 21, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf) },
    { when: "a size that is not whole", body: altered(first + 21, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f) },
    { when: "content of a gigabyte", body: altered(first + 29, 0, 0, 0, 0x40) },
    { when: "a name longer than there are bytes", body: altered(first + 33, 0xff, 0x0f) },
    { when: "a name longer than any", body: altered(first + 33, 0xff, 0xff) },
    { when: "a name that is not UTF-8", body: altered(first + 37, 0xff, 0xfe) },
    { when: "a transfer that names another file", body: bytesOf({ do: "drop-transfer", transfer: "../x" }, "") },
  ])("$when", ({ body }) => {
    expect(codeOf(body)).toBe("REQUEST_INVALID");
  });
});
