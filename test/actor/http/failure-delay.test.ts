import { expect, test } from "@jest/globals";
import { createFailureDelay } from "../../../actor/http/failure-delay.js";

test("fifty failures wait at the same time, the next one is answered at once", async () => {
  const waiting: (() => void)[] = [];
  const delay = createFailureDelay({
    monotonicMs: () => 0,
    wallMs: () => 0,
    sleep: () => new Promise((resolve) => waiting.push(resolve)),
  });
  const failures = Array.from({ length: 50 }, delay);
  await delay();
  expect(waiting).toHaveLength(50);
  waiting.forEach((end) => {
    end();
  });
  await Promise.all(failures);
  void delay();
  expect(waiting).toHaveLength(51);
});
