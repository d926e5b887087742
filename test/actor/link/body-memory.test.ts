import { expect, test } from "@jest/globals";
import { BodyMemory } from "../../../actor/link/body-memory.js";

const large = 1024 * 1024;

test("memory that was given back is used for the next body that fits into it", () => {
  const memory = new BodyMemory();
  const first = memory.take(large + 1);
  memory.giveBack(first);
  expect(memory.take(large + first.length)).not.toBe(first);
  expect(memory.take(large + 200)).toBe(first);
  expect(memory.take(large)).not.toBe(first);
});

test.each([
  { when: "it is small", bytes: 1000 },
  { when: "it is very large", bytes: 9 * large },
])("memory is not kept when $when", ({ bytes }) => {
  const memory = new BodyMemory();
  const first = memory.take(bytes);
  expect(first.length).toBeGreaterThanOrEqual(bytes);
  memory.giveBack(first);
  expect(memory.take(bytes)).not.toBe(first);
});

test("no more is kept than a source has messages on their way", () => {
  const memory = new BodyMemory();
  const taken = Array.from({ length: 5 }, () => memory.take(large));
  for (const one of taken) memory.giveBack(one);
  const again = new Set(Array.from({ length: 5 }, () => memory.take(large)));
  expect(taken.filter((one) => again.has(one))).toHaveLength(3);
});
