import { describe, expect, test } from "@jest/globals";
import {
  compareSchemas,
  describeChanges,
  schemaShape,
  tableMark,
  type TableDefinition,
} from "../../../actor/core/journal-schema.js";
import { batchOfRows, decodeBatch, encodeBatch, keysOf } from "../../../actor/core/journal-wire.js";

const column = (name: string, type = "integer") => ({
  name,
  type,
  baseType: type,
  collation: "",
  isNotNull: true,
  identity: "" as const,
  isGenerated: false,
});
const t: TableDefinition = { schema: "public", name: "t", columns: [column("a"), column("b")], keyColumns: ["a"] };

describe("compareSchemas", () => {
  test.each([
    { when: "nothing differs", other: [t], differences: [] },
    { when: "columns stand in another order", other: [{ ...t, columns: [column("b"), column("a")] }], differences: [] },
    { when: "a table is missing", other: [], differences: ["the table public.t is missing on the target"] },
    {
      when: "a type differs",
      other: [{ ...t, columns: [column("a"), column("b", "bigint")] }],
      differences: [
        'public.t: the source has "b integer not null", the target has not',
        'public.t: the target has "b bigint not null", the source has not',
      ],
    },
    {
      when: "the key differs",
      other: [{ ...t, keyColumns: ["a", "b"] }],
      differences: [
        'public.t: the source has "key (a)", the target has not',
        'public.t: the target has "key (a, b)", the source has not',
      ],
    },
  ])("$when", ({ other, differences }) => {
    expect(compareSchemas(schemaShape([t]), schemaShape(other))).toEqual(differences);
  });

  test("names a table that only the target has", () => {
    expect(compareSchemas(schemaShape([]), schemaShape([t]))).toEqual(["the table public.t is missing on the source"]);
  });
});

describe("a batch", () => {
  const batch = batchOfRows({ kind: "rows", table: "public.t", columns: ["a", "b"] }, [
    ["1", null],
    ["2", 'ü "\\\n\u2028'],
  ]);

  test("comes out as it went in", () => {
    expect(decodeBatch(encodeBatch(batch))).toEqual(batch);
    expect(keysOf(batch, ["b"])).toEqual([[null, 'ü "\\\n\u2028']]);
  });

  test.each([
    "",
    "null",
    '{"kind":"rows"}',
    '{"kind":"rows","table":"t","columns":["a"],"rows":1}\n',
    '{"kind":"rows","table":"t","columns":["a"],"rows":1}\nx\ny\n',
    '{"kind":"rows","table":"t","columns":["a"],"rows":1}\nx\ny',
    '{"kind":"rows","table":"t","columns":["a"],"rows":0,"more":1}\n',
  ])("is refused when it is not of the form: %j", (text) => {
    expect(() => decodeBatch(Buffer.from(text))).toThrow(TypeError);
  });

  test("is refused when a line has another number of cells than there are columns", () => {
    const body = '{"kind":"rows","table":"t","columns":["a","b"],"rows":2}\n1\t2\n3\n';
    expect(() => keysOf(decodeBatch(Buffer.from(body)), ["a"])).toThrow(TypeError);
  });
});

describe("describeChanges", () => {
  test("names what is new and what is gone, by table", () => {
    const before = schemaShape([t, { ...t, name: "old" }]);
    const after = schemaShape([
      { ...t, columns: [column("a"), column("c")] },
      { ...t, name: "new" },
    ]);
    expect(describeChanges(before, after)).toEqual([
      'public.t: "c integer not null" is new',
      'public.t: "b integer not null" is gone',
      "the table public.new is new",
      "the table public.old is gone",
    ]);
    expect(describeChanges(before, before)).toEqual([]);
  });
});

describe("tableMark", () => {
  test("is another one for another journal and for another shape", () => {
    const [shape] = Object.values(schemaShape([t]));
    const marks = [tableMark("j1", shape ?? []), tableMark("j2", shape ?? []), tableMark("j1", ["else"])];
    expect(new Set(marks).size).toBe(3);
    expect(tableMark("j1", shape ?? [])).toBe(marks[0]);
  });
});
