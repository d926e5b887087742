import { expect, test } from "@jest/globals";
import { GoneNames } from "../../../actor/files/gone-names.js";

function namesOf(paths: readonly string[]): GoneNames {
  const names = new GoneNames();
  for (const path of paths) names.add(path);
  return names;
}

const many = Array.from({ length: 3000 }, (_, n) => `d${n % 30}/f${n}`);

test("names are known again in whatever order they come, and others by one name", () => {
  const names = namesOf(many);
  expect(names.fingerprint).toBe(namesOf([...many].reverse()).fingerprint);
  expect(names.fingerprint).not.toBe(namesOf([...many.slice(1), "other"]).fingerprint);
});

test.each([
  { when: "the same", now: many, others: 0 },
  { when: "fewer", now: many.slice(1000), others: 0 },
  { when: "none", now: [], others: 0 },
  { when: "one more", now: [...many, "other"], others: 1 },
  { when: "others, no more of them", now: many.map((path) => `${path}x`), others: 3000 },
  { when: "some others", now: [...many.slice(2000), "a", "b"], others: 2 },
])("$when: $others others than were approved", ({ now, others }) => {
  expect(namesOf(now).countOthers(namesOf(many))).toBe(others);
});

test("more than can be compared one by one are the very same, or all others", () => {
  const [names, same, fewer] = [new GoneNames(), new GoneNames(), new GoneNames()];
  for (let n = 0; n <= 1_000_000; n += 1) {
    names.add(`f${n}`);
    same.add(`f${n}`);
    if (n > 0) fewer.add(`f${n}`);
  }
  expect(same.countOthers(names)).toBe(0);
  expect(fewer.countOthers(names)).toBe(Infinity);
}, 120_000);

test("a person is shown some names and the folders from which most go", () => {
  const { files, folders, examples } = namesOf(["root", ...many, ...many.map((_, n) => `large/${n}`)]).view;
  expect(files).toBe(6001);
  expect(folders).toHaveLength(10);
  expect(folders[0]).toEqual({ folder: "large", files: 3000 });
  expect(examples).toHaveLength(20);
  expect(examples[0]).toBe("root");
  expect(namesOf(["root"]).view.folders).toEqual([{ folder: "", files: 1 }]);
});
