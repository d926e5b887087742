import { createHash } from "node:crypto";
import type { JournalBatch } from "../core/journal-wire.js";
import type { DatabaseEngine, ReadLimits } from "./engine.js";

/** Values of all sequences as one short text; their order is the server's and means nothing. Empty where there is none. */
export class SequenceDigest {
  readonly #lines: string[] = [];

  /** Takes what `batch` says of sequences. */
  add({ kind, text }: JournalBatch): void {
    if (kind === "sequences") this.#lines.push(...text.toString("utf8").split("\n"));
  }

  get value(): string {
    const lines = this.#lines.filter((line) => line !== "").sort();
    return lines.length === 0 ? "" : createHash("sha256").update(lines.join("\n")).digest("hex");
  }
}

/** A sequence moves without a row, and so without a line in any journal; what it gave out must not be given out again. */
export class SequenceWatch {
  readonly #engine: Pick<DatabaseEngine, "readSequences">;
  /** undefined: nothing is known of the target. */
  #sent: string | undefined;

  constructor(engine: Pick<DatabaseEngine, "readSequences">) {
    this.#engine = engine;
  }

  /** The target holds what these batches said. */
  noteSent(digest: SequenceDigest): void {
    this.#sent = digest.value;
  }

  /** True where the target does not hold what the sequences say now; also when nothing is known of it. */
  async haveMoved(limits: ReadLimits, signal: AbortSignal): Promise<boolean> {
    const digest = new SequenceDigest();
    const take = (batch: JournalBatch): Promise<void> => {
      digest.add(batch);
      return Promise.resolve();
    };
    await this.#engine.readSequences(limits, take, signal);
    return digest.value !== this.#sent;
  }
}
