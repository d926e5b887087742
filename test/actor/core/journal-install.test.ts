import { expect, test } from "@jest/globals";
import { decideInstall, type InstallFacts } from "../../../actor/core/journal-install.js";

const shape = { "public.t": ["id integer not null", "key (id)"] };
const facts: InstallFacts = { isInstalled: true, installed: shape, present: shape, broken: {} };

test.each([
  { when: "everything is as it was installed", changes: {}, kind: "fine" },
  { when: "nothing is there", changes: { isInstalled: false, installed: {} }, kind: "install" },
  { when: "a table is new", changes: { present: { ...shape, "public.u": ["key (id)"] } }, kind: "changed" },
  { when: "a column is new", changes: { present: { "public.t": [...shape["public.t"], "v text"] } }, kind: "changed" },
  { when: "a table is gone", changes: { present: {} }, kind: "changed" },
  { when: "triggers are missing", changes: { broken: { "public.t": "no triggers" } }, kind: "mend" },
  {
    when: "triggers are missing because of a change",
    changes: { present: {}, broken: { "public.t": "no" } },
    kind: "changed",
  },
])("$when: $kind", ({ changes, kind }) => {
  expect(decideInstall({ ...facts, ...changes }).kind).toBe(kind);
});

test("names what changed and what is broken", () => {
  expect(decideInstall({ ...facts, present: {} })).toEqual({
    kind: "changed",
    changes: ["the table public.t is gone"],
  });
  const broken = decideInstall({ ...facts, broken: { "public.t": "its gate is missing" } });
  expect(broken).toEqual({ kind: "mend", because: "public.t: its gate is missing" });
});
