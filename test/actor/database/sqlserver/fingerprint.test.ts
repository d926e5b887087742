import { beforeEach, expect, test } from "@jest/globals";
import type { EngineContext } from "../../../../actor/database/sqlserver/context.js";
import { readFingerprint } from "../../../../actor/database/sqlserver/fingerprint.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();

interface Content {
  /** What a change of the schema changes. */
  schema: number;
  mark: string;
  places: string | null;
  columns: Record<string, number>;
  constraints: string;
}

let server: SqlServerModel<Content>;
let context: EngineContext;

beforeEach(() => {
  server = new SqlServerModel<Content>(
    { schema: 1, mark: "first", places: null, columns: { id: 1, x: 2 }, constraints: "c1" },
    {
      "query/fingerprint": ({ schema, mark }) => [{ fingerprint: `${schema} ${mark}` }],
      "query/fingerprint-of-constraints": ({ constraints }) => [{ fingerprint: constraints }],
      "query/places-of-columns": ({ columns, places }) =>
        Object.entries(columns).map(([name, id]) => ({
          n: "7",
          places,
          column_name: name,
          column_id: String(id),
        })),
      "install/note-places": (content, [, places]) => {
        content.places = String(places);
        return undefined;
      },
      "install/renew-mark-of": (content, [, mark]) => {
        content.mark = String(mark);
        return undefined;
      },
    },
    { hasSequences: false },
  );
  context = server.context([]);
});

function change(columns: Record<string, number>): void {
  server.content.columns = columns;
  server.content.schema += 1;
}

test("a column that is dropped and made again gives its table another mark, once", async () => {
  expect(await readFingerprint(context, signal)).toBe("1 first-c1");
  change({ id: 1, x: 3 });
  expect(await readFingerprint(context, signal)).toBe("2 new-id-7-c1");
  server.content.mark = "second";
  await readFingerprint(context, signal);
  expect(server.content.mark).toBe("second");
});

test("one that was gone for a while is known for another one, also by an actor that has just begun", async () => {
  await readFingerprint(context, signal);
  change({ id: 1 });
  await readFingerprint(context, signal);
  change({ id: 1, x: 3 });
  expect(await readFingerprint(server.context([]), signal)).toBe("3 new-id-7-c1");
});

test("a column that is new, or gone, or never looked at is no other one", async () => {
  await readFingerprint(context, signal);
  change({ id: 1, x: 2, y: 3 });
  await readFingerprint(context, signal);
  change({ id: 1, y: 3 });
  await readFingerprint(context, signal);
  expect(server.content.mark).toBe("first");
});

test("a constraint that is another one makes another fingerprint, and nothing is copied again for it", async () => {
  expect(await readFingerprint(context, signal)).toBe("1 first-c1");
  server.content.constraints = "c2";
  expect(await readFingerprint(context, signal)).toBe("1 first-c2");
});

test("as long as nothing changes a look is two questions, and nothing is written", async () => {
  await readFingerprint(context, signal);
  await readFingerprint(context, signal);
  expect(server.committed.at(-1)).toEqual(["query/fingerprint", "query/fingerprint-of-constraints"]);
});
