import { expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { packFrame, unpackFrame } from "../../../actor/database/batch-frame.js";

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
