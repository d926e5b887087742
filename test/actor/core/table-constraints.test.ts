import { expect, test } from "@jest/globals";
import {
  compareConstraints,
  constraintsOf,
  noConstraints,
  tableConstraints,
  type TableConstraint,
} from "../../../actor/core/table-constraints.js";

const table = "public.t";
const sideOf = (list: readonly TableConstraint[], release = "PostgreSQL 16") => ({
  release,
  tables: { [table]: [...list] },
});
const unique = (says: string, name = "one"): TableConstraint => ({ kind: "unique", name, says });
const check: TableConstraint = { kind: "check", name: "positive", says: "CHECK ((u > 0))" };
const cascade: TableConstraint = {
  kind: "foreign-key",
  name: "t_p",
  says: "FOREIGN KEY (p) REFERENCES public.q(id) ON DELETE CASCADE",
};
const restrict = { ...cascade, says: "FOREIGN KEY (p) REFERENCES public.q(id)" };
const byDefault: TableConstraint = { kind: "default", name: "status", says: "DEFAULT 'new'::text" };
const trigger: TableConstraint = { kind: "trigger", name: "stamp", says: "TRIGGER stamp" };

test.each<{ when: string; source: TableConstraint[]; target: TableConstraint[]; found: [boolean, RegExp][] }>([
  {
    when: "nothing differs",
    source: [check, unique("UNIQUE (u)")],
    target: [unique("UNIQUE (u)", "other_name"), check],
    found: [],
  },
  {
    when: "the target alone is unique",
    source: [],
    target: [unique("UNIQUE (u)")],
    found: [[true, /target alone has "UNIQUE \(u\)" \(one\).*copy would not help/]],
  },
  {
    when: "the source alone is unique",
    source: [unique("UNIQUE (u)")],
    target: [],
    found: [[false, /source alone has "UNIQUE \(u\)".*lost with a failover/]],
  },
  {
    when: "the target is unique over more columns",
    source: [unique("UNIQUE (a)")],
    target: [unique("UNIQUE (a)"), unique("UNIQUE (a, b)", "two")],
    found: [],
  },
  {
    when: "the target is unique over fewer columns",
    source: [unique("UNIQUE (a, b)")],
    target: [unique("UNIQUE (a)")],
    found: [[true, /target alone has "UNIQUE \(a\)"/]],
  },
  {
    when: "a filter makes it unique for fewer rows",
    source: [unique("UNIQUE (a) WHERE (b > 0)")],
    target: [unique("UNIQUE (a)")],
    found: [[true, /"UNIQUE \(a\)" on the target/]],
  },
  {
    when: "a CHECK says another thing",
    source: [{ ...check, says: "CHECK ((u > 5))" }],
    target: [check],
    found: [[true, /positive is "CHECK \(\(u > 0\)\)" on the target and "CHECK \(\(u > 5\)\)" on the source/]],
  },
  {
    when: "a foreign key cascades on one side",
    source: [restrict],
    target: [cascade],
    found: [[false, /t_p is ".* ON DELETE CASCADE" on the target and ".*\(id\)" on the source/]],
  },
  {
    when: "a default and a trigger are of one side",
    source: [byDefault],
    target: [trigger],
    found: [
      [false, /target alone has "TRIGGER stamp"/],
      [false, /source alone has "DEFAULT 'new'::text" \(status\)/],
    ],
  },
])("$when", ({ source, target, found }) => {
  const differences = compareConstraints(sideOf(source), sideOf(target));
  expect(differences.map(({ isRefusing }) => isRefusing)).toEqual(found.map(([isRefusing]) => isRefusing));
  for (const [at, [, words]] of found.entries()) expect(differences[at]?.message).toMatch(words);
});

test("what refuses rows stands first, whatever the table", () => {
  const source = { release: "15", tables: { "public.a": [byDefault], "public.b": [] } };
  const target = { release: "15", tables: { "public.a": [], "public.b": [check] } };
  expect(compareConstraints(source, target).map((one) => one.table)).toEqual(["public.b", "public.a"]);
});

test("between releases only what each writes alike is compared, and nothing of a table that one side lacks", () => {
  const source = sideOf([{ ...check, says: "CHECK (0 < u)" }, restrict], "PostgreSQL 15");
  const target = sideOf([check, byDefault, trigger, unique("UNIQUE (lower(a))"), unique("UNIQUE (b)", "b"), cascade]);
  expect(compareConstraints(source, target).map(({ name }) => name)).toEqual(["b", "t_p"]);
  expect(compareConstraints({ release: "", tables: { "public.gone": [check] } }, target)).toEqual([]);
  expect(compareConstraints(noConstraints, target)).toEqual([]);
});

test("lines of a catalogue become one constraint each, the order of an index's columns meaning nothing", () => {
  const line = { table, kind: "unique", name: "one", says: " WHERE (b > 0)", pointsTo: undefined };
  const key = { table, kind: "foreign-key", name: "f", says: " REFERENCES dbo.q ON DELETE CASCADE", pointsTo: "dbo.q" };
  const rows = [
    { ...line, part: "b" },
    { ...line, part: "a" },
    { ...key, part: "p to id" },
    { ...line, table: "public.excluded", part: "a" },
  ];
  const found = constraintsOf("PostgreSQL 16", [table, "public.plain"], rows);
  expect(found).toEqual({
    release: "PostgreSQL 16",
    tables: {
      [table]: [
        { kind: "unique", name: "one", says: "UNIQUE (a, b) WHERE (b > 0)" },
        {
          kind: "foreign-key",
          name: "f",
          says: "FOREIGN KEY (p to id) REFERENCES dbo.q ON DELETE CASCADE",
          pointsTo: "dbo.q",
        },
      ],
      "public.plain": [],
    },
  });
  expect(tableConstraints.parse(JSON.parse(JSON.stringify(found)))).toEqual(found);
});
