import { describe, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { bundles, packFrame, splitBundle, unpackFrame } from "../../../actor/database/batch-frame.js";

const text = Buffer.from("1\tthe same line again\n".repeat(500));

test("compresses what gets smaller and gives it back as it was", async () => {
  const frame = await packFrame(text, true);
  expect(frame.isCompressed).toBe(true);
  expect(frame.body.length).toBeLessThan(text.length / 5);
  expect((await unpackFrame(frame)).equals(text)).toBe(true);
});

test.each([
  { when: "it is not wanted", body: text, isWanted: false },
  { when: "it is small", body: Buffer.from("1\n"), isWanted: true },
  {
    when: "it would not get smaller",
    body: randomBytes(5000),
    isWanted: true,
  },
])("leaves a batch as it is when $when", async ({ body, isWanted }) => {
  expect(await packFrame(body, isWanted)).toEqual({ body, isCompressed: false });
});

test("refuses a body that is not what it says, and one that unfolds beyond all measure", async () => {
  await expect(unpackFrame({ body: text, isCompressed: true })).rejects.toThrow();
  const bomb = await packFrame(Buffer.alloc(80 * 1024 * 1024), true);
  await expect(unpackFrame(bomb)).rejects.toThrow();
});

describe("batches that travel together", () => {
  async function bundledSizes(sizes: readonly number[], batches = 3): Promise<readonly (readonly number[])[]> {
    const found: (readonly number[])[] = [];
    async function* all(): AsyncGenerator<Buffer> {
      for (const size of sizes) yield await Promise.resolve(Buffer.alloc(size));
    }
    for await (const bundle of bundles(all(), { bytes: 100, batches })) found.push(bundle.map(({ length }) => length));
    return found;
  }

  test.each([
    { when: "there are none", sizes: [], bundled: [] },
    { when: "they just fit", sizes: [60, 40], bundled: [[60, 40]] },
    { when: "they do not fit", sizes: [60, 41], bundled: [[60], [41]] },
    { when: "one is larger than a message", sizes: [10, 500, 10], bundled: [[10], [500], [10]] },
    { when: "they are many", sizes: [1, 1, 1, 1], bundled: [[1, 1, 1], [1]] },
  ])("when $when", async ({ sizes, bundled }) => {
    expect(await bundledSizes(sizes)).toEqual(bundled);
  });

  test("come apart as they were put together, and not otherwise", () => {
    const [first, second] = [Buffer.from("one"), Buffer.from("three")];
    expect(splitBundle(Buffer.concat([first, second]), [3, 5])).toEqual([first, second]);
    expect(() => splitBundle(first, [3, 1])).toThrow(TypeError);
    expect(() => splitBundle(first, [2])).toThrow(TypeError);
  });
});
