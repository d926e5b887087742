import { expect, test } from "@jest/globals";
import { Turnstile, type Turn } from "../../../actor/files/turnstile.js";
import { errorCode } from "../../../shared/core/app-error.js";

/** Notes when turns are reached, in order. */
function watched(turnstile: Turnstile, passed: number[]): (number: number) => Turn {
  return (number) => {
    const turn = turnstile.enter(number);
    turn.reached.then(
      () => passed.push(number),
      () => passed.push(-number),
    );
    return turn;
  };
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what arrives out of order passes in order, each when the one before has left", async () => {
  const passed: number[] = [];
  const enter = watched(new Turnstile(), passed);
  const third = enter(3);
  const second = enter(2);
  await settled();
  expect(passed).toEqual([]);
  const first = enter(1);
  await settled();
  expect(passed).toEqual([1]);
  // Leaving before its turn does not let others in.
  third.leave();
  await settled();
  expect(passed).toEqual([1]);
  first.leave();
  await settled();
  expect(passed).toEqual([1, 2]);
  second.leave();
  enter(4);
  await settled();
  expect(passed).toEqual([1, 2, 4]);
});

test("a number is let in once, and none that is far ahead", () => {
  const turnstile = new Turnstile();
  const first = turnstile.enter(1);
  expect(codeOf(() => turnstile.enter(1))).toBe("REQUEST_INVALID");
  expect(codeOf(() => turnstile.enter(9))).toBe("REQUEST_INVALID");
  expect(codeOf(() => turnstile.enter(0))).toBe("REQUEST_INVALID");
  const second = turnstile.enter(2);
  second.leave();
  expect(codeOf(() => turnstile.enter(2))).toBe("REQUEST_INVALID");
  first.leave();
  expect(codeOf(() => turnstile.enter(1))).toBe("REQUEST_INVALID");
  turnstile.enter(9);
});

test("clearing sends away who waits, waits for who is inside, and begins again", async () => {
  const passed: number[] = [];
  const turnstile = new Turnstile();
  const enter = watched(turnstile, passed);
  const first = enter(1);
  const second = enter(2);
  let isClear = false;
  const clearing = turnstile.clear().then(() => (isClear = true));
  await settled();
  expect(passed).toEqual([1, -2]);
  second.leave();
  await settled();
  expect(isClear).toBe(false);
  first.leave();
  await clearing;
  enter(1);
  await settled();
  expect(passed).toEqual([1, -2, 1]);
});
