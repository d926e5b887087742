import { readRun } from "../copy-limits.js";
import type { ReadLimits } from "../engine.js";
import type { EngineContext } from "./context.js";
import { RunOfLines } from "./run-of-lines.js";

/** `text`: the query, as COPY takes it. `chunksRead`: see ChunkPlace. */
export interface CountedReading {
  readonly text: string;
  readonly doing: string;
  readonly chunksRead: number;
}

/**
 * Reads the rows of a chunk and counts it. A row that a crash or a restore of the source takes away again would stay on the
 * target: the count tells of a restore, and that it is written makes the end wait until all that was seen is on the disk.
 */
export async function readCountedRun(
  context: EngineContext,
  { text, doing, chunksRead }: CountedReading,
  limits: ReadLimits,
  signal: AbortSignal,
): Promise<RunOfLines> {
  const counting = context.sql.text("query/count-chunk", { chunksRead: String(chunksRead) });
  let isCounted = false as boolean;
  const run = new RunOfLines(limits.batchBytes);
  await readRun(signal, (within, drop) =>
    context.connection.transaction({ signal: within, doing }, async (transaction) => {
      const take = (piece: Buffer, rows: number): Promise<void> => {
        if (!run.add(piece, rows)) drop(piece.length);
        return Promise.resolve();
      };
      const pieces = { rows: limits.batchRows, bytes: limits.batchBytes };
      const { expectedBytes = 0 } = limits;
      await transaction.copyOut([{ text, limits: pieces, expectedBytes, take }], [counting], true);
      isCounted = true;
    }),
  );
  // The reading was cancelled behind the end of the run.
  if (!isCounted) await context.connection.runScript({ signal, doing }, [counting]);
  return run;
}
