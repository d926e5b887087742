import { describe, expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { copyTable, type CopyPlace } from "../../../actor/database/copy-table.js";
import { isAwaited } from "../../../actor/database/copied-tables.js";
import type { ChunkPlace, CopyChunk, ReadLimits } from "../../../actor/database/engine.js";
import type { AskTarget } from "../../../actor/database/journal-reader.js";
import { decodeBatch, type Cell, type JournalBatch } from "../../../actor/core/journal-wire.js";
import type { TableDefinition } from "../../../actor/core/journal-schema.js";
import { testSettings } from "../../support/database-fixture.js";

const table = { schema: "public", name: "orders", columns: [], keyColumns: ["id"] } as const satisfies TableDefinition;
const rowCount = 5_000;
const mark = "a";
const signal = new AbortController().signal;

function chunkAfter(after: readonly Cell[] | undefined, { batchRows }: ReadLimits): CopyChunk {
  const from = Number(after?.[0] ?? -1) + 1;
  const count = Math.min(batchRows, rowCount - from);
  const ids = Array.from({ length: count }, (_, at) => String(from + at).padStart(6, "0"));
  const text = Buffer.from(ids.map((id) => `${id}\n`).join(""));
  const batch: JournalBatch = { kind: "rows", table: "public.orders", columns: ["id"], rows: count, text };
  return { batch, lastKey: count < batchRows ? undefined : [ids.at(-1) ?? null] };
}

/** Fails, and looks whether anybody has a handler for that in the turn in which Node.js looks for one. */
class FailingRead {
  isHeardAtOnce: boolean | undefined;

  get promise(): Promise<CopyChunk> {
    let isHeard = false;
    const failing = Promise.reject<CopyChunk>(new Error("the source's server is gone"));
    const then = failing.then.bind(failing);
    failing.then = (...handlers) => {
      isHeard = true;
      return then(...handlers);
    };
    setImmediate(() => {
      this.isHeardAtOnce = isHeard;
      failing.catch(() => undefined);
    });
    return failing;
  }
}

type Place = CopyPlace & { readonly isDone: boolean };

/** A target as DatabaseEngine.applyCopyChunk is written: it takes the next chunk and says of any other where it is. */
class Target {
  readonly ids: string[] = [];
  #place: Place = { chunk: 0, lastKey: null, isDone: false };

  take(number: number, afterKey: CopyPlace["lastKey"], lastKey: CopyPlace["lastKey"], batch: JournalBatch): Place {
    const { chunk, lastKey: last, isDone } = this.#place;
    const row = { mark, chunk: String(chunk), last_key: last && JSON.stringify(last), is_done: isDone ? "t" : "f" };
    if (!isAwaited(row, { mark, number, afterKey: afterKey ?? undefined })) return this.#place;
    this.ids.push(...batch.text.toString().split("\n").slice(0, -1));
    this.#place = { chunk: number, lastKey, isDone: lastKey === null };
    return this.#place;
  }
}

const allIds = Array.from({ length: rowCount }, (_, id) => String(id).padStart(6, "0"));

describe("the copy of one table", () => {
  function begin(
    ask: (number: number, deliver: () => Place) => Promise<Place>,
    target = new Target(),
    known: CopyPlace = { chunk: 0, lastKey: null },
    failingRead = 0,
    failing = new FailingRead(),
  ) {
    const reads: (readonly Cell[] | undefined)[] = [];
    const counted: number[] = [];
    const count = { chunksRead: 7 };
    const told: number[] = [];
    const asked: AskTarget = async (_kind, fields, _signal, body) => {
      const number = fields["number"] as number;
      told.push(fields["chunksRead"] as number);
      const [afterKey, lastKey] = [fields["afterKey"], fields["lastKey"]] as CopyPlace["lastKey"][];
      const batch = decodeBatch(body ?? Buffer.alloc(0));
      const place = await ask(number, () => target.take(number, afterKey ?? null, lastKey ?? null, batch));
      return {
        fields: { table: "public.orders", rows: 0, ...place, lastKey: place.lastKey ? [...place.lastKey] : null },
      };
    };
    const engine = {
      readCopyChunk: (_table: TableDefinition, { after, chunksRead }: ChunkPlace, limits: ReadLimits) => {
        counted.push(chunksRead);
        reads.push(after);
        if (reads.length === failingRead) return failing.promise;
        return Promise.resolve(chunkAfter(after, limits));
      },
    };
    const settings = testSettings("postgresql", 1, "shop", { batchRows: 300 });
    const copied = copyTable(
      { io: { engine, settings }, table, mark, ask: asked, signal, count, onSent: () => undefined },
      known,
    );
    return { copied, target, reads, counted, told };
  }

  test("the next chunk is sent while the target still writes the one before, and no third one", async () => {
    let underWay = 0;
    let most = 0;
    const { copied, target } = begin(async (_number, deliver) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await sleep(1);
      underWay -= 1;
      return deliver();
    });
    await copied;
    expect(target.ids).toEqual(allIds);
    expect(most).toBe(2);
  });

  test("a chunk that overtakes the one before it is sent once more, and no row is lost or doubled", async () => {
    let isOvertaken = false;
    let tell = (): void => undefined;
    const overtaken = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const { copied, target, counted } = begin(async (number, deliver) => {
      if (number === 3) await overtaken;
      const place = deliver();
      if (number === 4 && !isOvertaken) {
        expect(place.chunk).toBe(2);
        isOvertaken = true;
        tell();
      }
      return place;
    });
    await copied;
    expect(isOvertaken).toBe(true);
    expect(target.ids).toEqual(allIds);
    // Also what was read and not sent: else the source would be taken for one that was restored.
    expect(counted).toEqual(counted.map((_, at) => 7 + at));
  });

  test("goes on behind the last chunk that the target has", async () => {
    const target = new Target();
    const first = chunkAfter(undefined, { batchRows: 1000, batchBytes: 1 });
    const place = target.take(1, null, first.lastKey ?? null, first.batch);
    const { copied, reads } = begin((_number, deliver) => Promise.resolve(deliver()), target, place);
    await copied;
    expect(reads[0]).toEqual(["000999"]);
    expect(target.ids).toEqual(allIds);
  });

  test("each chunk is read behind as many as were read before, and says how many there are with it", async () => {
    const { copied, counted, told } = begin((_number, deliver) => Promise.resolve(deliver()));
    await copied;
    expect(counted).toEqual(counted.map((_, at) => 7 + at));
    expect(told).toEqual(counted.map((before) => before + 1));
  });

  test("what fails is told when nothing of it is under way any more", async () => {
    let underWay = 0;
    const { copied } = begin(async (number, deliver) => {
      underWay += 1;
      await sleep(number === 2 ? 1 : 20);
      underWay -= 1;
      if (number === 2) throw new Error("the link is cut");
      return deliver();
    });
    await expect(copied).rejects.toThrow("the link is cut");
    expect(underWay).toBe(0);
  });

  test("a read that fails while two chunks are under way is told, and is never an unhandled failure", async () => {
    const failing = new FailingRead();
    const slowly = async (_number: number, deliver: () => Place): Promise<Place> => {
      await sleep(30);
      return deliver();
    };
    const { copied } = begin(slowly, new Target(), undefined, 3, failing);
    await expect(copied).rejects.toThrow("the source's server is gone");
    expect(failing.isHeardAtOnce).toBe(true);
  });
});
