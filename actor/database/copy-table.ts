import type { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import { copyProgress } from "../core/journal-messages.js";
import { tableLabel, type TableDefinition } from "../core/journal-schema.js";
import { encodeBatch, type Cell } from "../core/journal-wire.js";
import type { LinkMessage } from "../link/link.js";
import { packFrame } from "./batch-frame.js";
import type { CopyChunk, DatabaseEngine, NumberedChunk, ReadLimits } from "./engine.js";
import type { AskTarget } from "./journal-reader.js";
import type { SideIo } from "./side.js";

/** Rows of the first chunk of a table, while their size is not known: they may be of megabytes. */
const firstChunkRows = 16;
/** One chunk is one transaction on each side: large enough that its end does not count. */
const chunkBytes = 4 * 1024 * 1024;
/** Where rows grow, a chunk is cut here; what the server sends beyond is read in vain, so it is not where chunks usually end. */
const largestChunkBytes = 2 * chunkBytes;
const largestChunkRows = 100_000;
/** Sent and not answered yet. */
const chunksUnderWay = 2;

export interface TableCopy {
  readonly io: { readonly engine: Pick<DatabaseEngine, "readCopyChunk">; readonly settings: SideIo["settings"] };
  readonly table: TableDefinition;
  /** Under which the table is copied now. */
  readonly mark: string;
  readonly ask: AskTarget;
  readonly signal: AbortSignal;
  /** Shared by the tables of one copy: chunks of this database read so far. */
  readonly count: { chunksRead: number };
  readonly onSent: (sent: { readonly rows: number; readonly bytes: number }) => void;
}

/** The last chunk that the target has, and behind which key the next one begins. */
export interface CopyPlace {
  readonly chunk: number;
  readonly lastKey: readonly Cell[] | null;
}

interface SentChunk extends CopyPlace {
  readonly rows: number;
  readonly bytes: number;
  readonly answer: Promise<LinkMessage>;
}

/** Copies what the target lacks of one table, behind the last chunk that it has. Rejects with what the link or the database says. */
export async function copyTable(copy: TableCopy, known: CopyPlace): Promise<void> {
  let place = known;
  for (;;) {
    const answer = await copyFrom(copy, place);
    if (answer.isDone) return;
    place = answer;
  }
}

/**
 * While the target writes a chunk, the next one crosses the link and the one after it is read. Resolves with the target's
 * word when the table is done or when the target has another chunk than the one it was sent (delivered before, or one
 * overtook the other): what it says counts.
 */
async function copyFrom(copy: TableCopy, place: CopyPlace): Promise<z.output<typeof copyProgress>> {
  const { io, table, onSent } = copy;
  const { batchRows } = io.settings;
  const underWay: SentChunk[] = [];
  let limits: ReadLimits = { batchRows: Math.min(firstChunkRows, batchRows), batchBytes: largestChunkBytes };
  let number = place.chunk;
  let afterKey = place.lastKey ?? undefined;
  const read = (after: readonly Cell[] | undefined): Promise<CountedChunk> =>
    heardLater(readCounted(copy, after, limits));
  let reading: Promise<CountedChunk> | undefined = read(afterKey);
  try {
    for (;;) {
      if (reading && underWay.length < chunksUnderWay) {
        const chunk: CountedChunk = await reading;
        limits = nextLimits(chunk, limits, batchRows);
        reading = chunk.lastKey ? read(chunk.lastKey) : undefined;
        number += 1;
        underWay.push(await sendChunk(copy, { ...chunk, mark: copy.mark, number, afterKey }));
        afterKey = chunk.lastKey;
      } else {
        const sent = underWay.shift();
        if (!sent) throw new AppError("UNEXPECTED", `the copy of ${tableLabel(table)} did not end`);
        const answer = copyProgress.parse((await sent.answer).fields);
        onSent(sent);
        if (answer.isDone || !isSamePlace(answer, sent)) return answer;
      }
    }
  } finally {
    // None of them may go on while another copy begins.
    await Promise.allSettled([reading, ...underWay.map(({ answer }) => answer)]);
  }
}

type CountedChunk = CopyChunk & Pick<NumberedChunk, "chunksRead">;

/** Counted when it is read, not when it is sent: the one that is read ahead may be left where the target is elsewhere. */
function readCounted(
  { io, table, signal, count }: TableCopy,
  after: readonly Cell[] | undefined,
  limits: ReadLimits,
): Promise<CountedChunk> {
  return io.engine.readCopyChunk(table, { after, chunksRead: count.chunksRead }, limits, signal).then((chunk) => {
    count.chunksRead += 1;
    return { ...chunk, chunksRead: count.chunksRead };
  });
}

async function sendChunk({ io, table, ask, signal }: TableCopy, chunk: NumberedChunk): Promise<SentChunk> {
  const frame = await packFrame(encodeBatch(chunk.batch), io.settings.compressBatches);
  const { mark, number, chunksRead } = chunk;
  const lastKey = chunk.lastKey ? [...chunk.lastKey] : null;
  const place = { mark, number, chunksRead, afterKey: chunk.afterKey ? [...chunk.afterKey] : null, lastKey };
  const fields = { table: tableLabel(table), ...place, isCompressed: frame.isCompressed };
  const answer = heardLater(ask("copy-chunk", fields, signal, frame.body));
  return { chunk: number, lastKey, rows: chunk.batch.rows, bytes: frame.body.length, answer };
}

/** What is waited for in its turn: if it fails before, that must not count as unhandled, which would end the process. */
function heardLater<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** The same number may stand for other rows: a chunk that is read once more can be of another size. */
function isSamePlace(answer: CopyPlace, sent: CopyPlace): boolean {
  return answer.chunk === sent.chunk && JSON.stringify(answer.lastKey) === JSON.stringify(sent.lastKey);
}

/** As many rows as fill one chunk, judged by this one; at most eight times as many, for rows may grow. */
function nextLimits({ batch }: CopyChunk, limits: ReadLimits, batchRows: number): ReadLimits {
  // Where nothing but deleted rows was, nothing is learnt.
  if (batch.rows === 0) return limits;
  const rowBytes = Math.max(1, batch.text.length) / batch.rows;
  const fitting = Math.floor(chunkBytes / rowBytes);
  // The setting bounds the batches of points; a chunk is bounded by its bytes, unless the setting is made small.
  const largest = batchRows < 1000 ? batchRows : largestChunkRows;
  const rows = Math.max(1, Math.min(largest, fitting, limits.batchRows * 8));
  // Rows are never quite of the same length.
  return { ...limits, batchRows: rows, expectedBytes: Math.min(Math.ceil(rows * rowBytes * 1.1), limits.batchBytes) };
}
