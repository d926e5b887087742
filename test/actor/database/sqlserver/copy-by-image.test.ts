import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createHash } from "node:crypto";
import type { ColumnDefinition, TableDefinition } from "../../../../actor/core/journal-schema.js";
import { rowsOf, type Cell } from "../../../../actor/core/journal-wire.js";
import type { CopyChunk } from "../../../../actor/database/engine.js";
import type { EngineContext } from "../../../../actor/database/sqlserver/context.js";
import { readCopyChunk } from "../../../../actor/database/sqlserver/table-copy.js";
import { SqlServerModel, type Answer } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();
const gibibyte = 1024 ** 3;

const column: ColumnDefinition = {
  name: "v",
  type: "nvarchar(50)",
  baseType: "nvarchar(50)",
  collation: "Latin1_General_BIN2",
  isNotNull: true,
  identity: "",
  isGenerated: false,
};
const table: TableDefinition = { schema: "dbo", name: "log", columns: [column], keyColumns: [] };
const withLargeValues: TableDefinition = { ...table, columns: [{ ...column, baseType: "nvarchar(max)" }] };

interface StagedRow {
  readonly image: string;
  readonly place: number;
  readonly value: string;
}

interface Content {
  rows: string[];
  bytes: number;
  /** What the session has: its temporary table, with row 1 at 0. */
  stage: readonly StagedRow[] | undefined;
  /** How often the whole table was read. */
  passes: number;
  /** Rows that left the server. */
  sent: number;
  /** How often a place was looked for among all rows of the stage. */
  searches: number;
}

function imageOf(value: string): string {
  return createHash("sha1").update(value).digest("hex");
}

function hexOf(parameter: unknown): string {
  return Buffer.isBuffer(parameter) ? parameter.toString("hex") : "";
}

function stageOf({ stage }: Content): readonly StagedRow[] {
  if (!stage) throw new Error("Invalid object name '#sparesync_copy'");
  return stage;
}

const answers: Readonly<Record<string, Answer<Content>>> = {
  "apply/create-stage": (now) => {
    if (now.stage) throw new Error("There is already an object named '#sparesync_copy'");
    now.stage = [];
    return undefined;
  },
  "apply/drop-stage": (now) => {
    stageOf(now);
    now.stage = undefined;
    return undefined;
  },
  "query/size-of-table": (now) => [{ bytes: String(now.bytes) }],
  "query/fill-copy-stage": (now, [begin, end]) => {
    stageOf(now);
    now.passes += 1;
    const places = new Map<string, number>();
    now.stage = now.rows
      .map((value) => ({ value, image: imageOf(value) }))
      .filter(({ image }) => image >= hexOf(begin) && (end === undefined || image < hexOf(end)))
      .sort((a, b) => (a.image < b.image ? -1 : a.image > b.image ? 1 : 0))
      .map((row) => {
        const place = (places.get(row.image) ?? 0) + 1;
        places.set(row.image, place);
        return { ...row, place };
      });
    return [{ rows: String(now.stage.length) }];
  },
  "query/rows-of-copy-stage": (now, [from, to]) => {
    const rows = stageOf(now).slice(Number(from), Number(to));
    now.sent += rows.length;
    return rows.map(({ value }) => ({ c1: value }));
  },
  "query/place-in-copy-stage": (now, [n]) => {
    const row = stageOf(now)[Number(n) - 1];
    return row && [{ image: row.image, place: String(row.place) }];
  },
  "query/rows-before-in-copy-stage": (now, [image, rows]) => {
    now.searches += 1;
    const before = stageOf(now).filter(
      (row) => row.image < hexOf(image) || (row.image === hexOf(image) && row.place <= Number(rows)),
    );
    return [{ rows: String(before.length) }];
  },
  "query/sizes-in-copy-stage": (now, [from, to]) =>
    stageOf(now)
      .slice(Number(from), Number(to))
      .map(({ value }) => ({ bytes: String(value.length * 2) })),
  "query/count-chunk-read": () => [{ counted: "1" }],
};

function serverWith(changes: Partial<Content> = {}): SqlServerModel<Content> {
  return new SqlServerModel(
    { rows: [], bytes: 0, stage: undefined, passes: 0, sent: 0, searches: 0, ...changes },
    answers,
  );
}

function loseSession(server: SqlServerModel<Content>): void {
  server.session = {};
  server.content.stage = undefined;
}

/** The source and what the target has of it: one chunk after the other, with whatever happens between two of them. */
class Copy {
  readonly target: string[] = [];
  after: readonly Cell[] | undefined;
  chunks = 0;
  readonly #context: EngineContext;
  readonly #definition: TableDefinition;

  constructor(server: SqlServerModel<Content>, definition = table) {
    this.#definition = definition;
    this.#context = server.context([definition]);
  }

  async read(batchRows: number, batchBytes = 10_000): Promise<CopyChunk> {
    const place = { after: this.after, chunksRead: this.chunks };
    return readCopyChunk(this.#context, this.#definition, place, { batchRows, batchBytes }, signal);
  }

  /** False when the table has ended. */
  async next(batchRows: number, batchBytes?: number): Promise<boolean> {
    const chunk = await this.read(batchRows, batchBytes);
    this.target.push(...rowsOf(chunk.batch).map(([value]) => value ?? ""));
    this.after = chunk.lastKey;
    this.chunks += 1;
    if (this.chunks > 1000) throw new Error("the copy does not end");
    return this.after !== undefined;
  }
}

const values = (count: number): string[] => Array.from({ length: count }, (_, at) => `row ${String(at)}`);

describe("the copy of a table without a key", () => {
  test("reads the table once, however many chunks it takes, and leaves nothing in the session", async () => {
    const server = serverWith({ rows: values(1000) });
    const copy = new Copy(server);
    while (await copy.next(7));
    expect(copy.target.toSorted()).toEqual(values(1000).toSorted());
    expect(server.content).toMatchObject({ passes: 1, sent: 1000, searches: 0, stage: undefined });
    expect(copy.chunks).toBe(143);
  });

  test("reads a large table in eight parts, each of which has an eighth of its rows", async () => {
    const server = serverWith({ rows: values(800), bytes: 100 * gibibyte });
    const copy = new Copy(server);
    let largest = 0;
    while (await copy.next(30)) largest = Math.max(largest, server.content.stage?.length ?? 0);
    expect(copy.target.toSorted()).toEqual(values(800).toSorted());
    expect(server.content.passes).toBe(8);
    expect(largest).toBeLessThan(150);
  });

  test("parts rows that are equal, and goes on between them after the connection was lost", async () => {
    const server = serverWith({ rows: Array.from({ length: 50 }, () => "the same") });
    const copy = new Copy(server);
    while (await copy.next(8)) loseSession(server);
    expect(copy.target).toHaveLength(50);
    expect(copy.chunks).toBe(7);
  });

  test("goes on behind all rows with the image that an older version's place names", async () => {
    const rows = [...values(20), "row 7", "row 7"];
    const server = serverWith({ rows });
    const copy = new Copy(server);
    copy.after = [imageOf("row 7")];
    while (await copy.next(5));
    expect(copy.target.toSorted()).toEqual(rows.filter((value) => imageOf(value) > imageOf("row 7")).toSorted());
  });

  test("that begins anew sees the table as it is then", async () => {
    const server = serverWith({ rows: values(20) });
    const copy = new Copy(server);
    await copy.next(5);
    server.content.rows = ["after a TRUNCATE that nobody saw"];
    copy.after = undefined;
    copy.target.length = 0;
    while (await copy.next(5));
    expect(copy.target).toEqual(["after a TRUNCATE that nobody saw"]);
  });

  test("that the target wants from an earlier chunk on is not ordered again", async () => {
    const server = serverWith({ rows: values(40) });
    const copy = new Copy(server);
    await copy.next(10);
    const [place, first] = [copy.after, [...copy.target]];
    await copy.next(10);
    copy.after = place;
    copy.target.splice(0, copy.target.length, ...first);
    while (await copy.next(10));
    expect(copy.target.toSorted()).toEqual(values(40).toSorted());
    expect(server.content).toMatchObject({ passes: 1, searches: 1 });
  });

  test("asks for sizes first where rows can be large, so that nothing is read in vain", async () => {
    const rows = values(30).map((value, at) => value.padEnd(at % 5 === 0 ? 4000 : 8, "x"));
    const server = serverWith({ rows });
    const copy = new Copy(server, withLargeValues);
    while (await copy.next(30, 8200));
    expect(copy.target.toSorted()).toEqual(rows.toSorted());
    expect(server.content.sent).toBe(30);
    expect(copy.chunks).toBe(6);
  });

  test("fails as a lost connection when the session ends while its rows are put in order", async () => {
    const server = serverWith({ rows: values(5) });
    server.beforeEach = (file) => {
      if (file === "query/size-of-table") loseSession(server);
    };
    await expect(new Copy(server).read(5)).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
  });

  test("is the source after its first point, whatever is written and lost while it runs", async () => {
    const event = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("read"), rows: fc.integer({ min: 1, max: 9 }) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("insert"), value: fc.integer({ min: 0, max: 15 }) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete"), value: fc.integer({ min: 0, max: 15 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("lose") }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("grow"), rows: fc.integer({ min: 0, max: 9 }) }) },
    );
    const start = fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(start, fc.array(event, { maxLength: 60 }), async (numbers, events) => {
        const server = serverWith({ rows: numbers.map(String) });
        const copy = new Copy(server);
        const journal = new Set<string>();
        let isUnderWay = true;
        for (const { kind, ...what } of events) {
          const value = "value" in what ? String(what.value) : "";
          const rows = "rows" in what ? what.rows : 0;
          if (kind === "read" && isUnderWay) isUnderWay = await copy.next(rows);
          if (kind === "lose") loseSession(server);
          if (kind === "grow") server.content.bytes = rows * gibibyte;
          if (kind === "insert") server.content.rows.push(value);
          const at = server.content.rows.indexOf(value);
          if (kind === "delete" && at >= 0) server.content.rows.splice(at, 1);
          if (kind === "insert" || kind === "delete") journal.add(value);
        }
        while (isUnderWay) isUnderWay = await copy.next(10);
        const kept = copy.target.filter((value) => !journal.has(value));
        const replaced = server.content.rows.filter((value) => journal.has(value));
        expect([...kept, ...replaced].toSorted()).toEqual(server.content.rows.toSorted());
      }),
      { numRuns: 500 },
    );
  });
});
