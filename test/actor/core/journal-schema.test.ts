import { noConstraints } from "../../../actor/core/table-constraints.js";
import { describe, expect, test } from "@jest/globals";
import {
  compareSchemas,
  describeChanges,
  schemaShape,
  tableMark,
  type TableDefinition,
} from "../../../actor/core/journal-schema.js";
import { decodePositionTables, encodePositionTables } from "../../../actor/core/journal-messages.js";
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

describe("what the values of a type may be", () => {
  const mood = (says: string): TableDefinition => ({
    ...t,
    columns: [column("a"), column("m", "public.mood")],
    types: [{ name: "public.mood", says }],
  });
  const [sad, happy] = [schemaShape([mood("enum 'sad'")]), schemaShape([mood("enum 'sad', 'happy'")])];
  /** As a version wrote it that did not look at types. */
  const older = schemaShape([{ ...mood(""), types: [] }]);

  test("is named where the two sides differ, and where it has changed", () => {
    expect(compareSchemas(happy, sad)).toEqual([
      `public.t: the source has "(type) public.mood: enum 'sad', 'happy'", the target has not`,
      `public.t: the target has "(type) public.mood: enum 'sad'", the source has not`,
    ]);
    expect(describeChanges(sad, happy)).toEqual([
      `public.t: "(type) public.mood: enum 'sad', 'happy'" is new`,
      `public.t: "(type) public.mood: enum 'sad'" is gone`,
    ]);
  });

  test("is no difference to what an older version has installed, or says on the other side", () => {
    for (const [one, other] of [
      [happy, older],
      [older, happy],
    ] as const) {
      expect(compareSchemas(one, other)).toEqual([]);
      expect(describeChanges(one, other)).toEqual([]);
    }
  });

  test("makes no other mark, so nothing is copied again", () => {
    const marks = [sad, happy, older].map((shape) => tableMark("j", shape["public.t"] ?? []));
    expect(new Set(marks).size).toBe(1);
  });

  test("travels so that an older source does not take it for columns that it lacks", () => {
    const sent = encodePositionTables({
      shapes: happy,
      marks: {},
      copied: {},
      sequences: [],
      constraints: noConstraints,
    });
    const { shapes } = JSON.parse(sent.toString()) as { readonly shapes: unknown };
    expect(shapes).toEqual(older);
    expect(compareSchemas(happy, decodePositionTables(sent).shapes)).toEqual([]);
    expect(compareSchemas(sad, decodePositionTables(sent).shapes).length).toBe(2);
    const fromOlder = Buffer.from(JSON.stringify({ shapes: older, marks: {}, copied: {} }));
    expect(decodePositionTables(fromOlder).shapes).toEqual(older);
  });
});

describe("what a side computes or allows by an expression", () => {
  const ruled = (release: number, says: string): TableDefinition => ({
    ...t,
    rules: [{ name: `b, as PostgreSQL ${release} writes it`, says }],
  });
  const shapeOf = (release: number, says: string) => schemaShape([ruled(release, says)]);
  const without = schemaShape([t]);

  test("is a difference where servers of one release write it in other words", () => {
    expect(compareSchemas(shapeOf(15, "(a * 2)"), shapeOf(15, "(a * 3)"))).toHaveLength(2);
    expect(compareSchemas(shapeOf(15, "(a * 2)"), shapeOf(15, "(a * 2)"))).toEqual([]);
    expect(describeChanges(shapeOf(15, "(a * 2)"), shapeOf(15, "(a * 3)"))).toHaveLength(2);
  });

  test("is none between releases, nor to a side or a version that says nothing of it", () => {
    for (const other of [shapeOf(16, "(2 * a)"), without]) {
      expect(compareSchemas(shapeOf(15, "(a * 2)"), other)).toEqual([]);
      expect(compareSchemas(other, shapeOf(15, "(a * 2)"))).toEqual([]);
      expect(describeChanges(other, shapeOf(15, "(a * 2)"))).toEqual([]);
    }
  });

  test("has nothing copied again, and travels apart from the columns", () => {
    const shape = shapeOf(15, "(a * 2)");
    expect(tableMark("j", shape["public.t"] ?? [])).toBe(tableMark("j", without["public.t"] ?? []));
    const sent = encodePositionTables({
      shapes: shape,
      marks: {},
      copied: {},
      sequences: [],
      constraints: noConstraints,
    });
    expect((JSON.parse(sent.toString()) as { readonly shapes: unknown }).shapes).toEqual(without);
    expect(compareSchemas(shapeOf(15, "(a * 3)"), decodePositionTables(sent).shapes)).toHaveLength(2);
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
