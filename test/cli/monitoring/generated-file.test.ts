import { expect, test } from "@jest/globals";
import { isUntouched, sealed } from "../../../cli/monitoring/generated-file.js";

test.each([
  { when: "as it was made", change: (text: string) => text, untouched: true },
  { when: "with a line more", change: (text: string) => `${text}c: 1\n`, untouched: false },
  { when: "with another value", change: (text: string) => text.replace("b: 2", "b: 3"), untouched: false },
  { when: "without its first line", change: (text: string) => text.split("\n").slice(1).join("\n"), untouched: false },
  { when: "empty", change: () => "", untouched: false },
])("a file $when counts as untouched: $untouched", ({ change, untouched }) => {
  expect(isUntouched(change(sealed("a: 1\nb: 2\n")))).toBe(untouched);
});
