import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import { isSetAside } from "../core/database-errors.js";
import { divergenceFile } from "../core/divergence.js";
import type { PointHeader } from "../core/journal-position.js";
import { keyNames, tableLabel, type TableDefinition } from "../core/journal-schema.js";
import type { JournalBatch } from "../core/journal-wire.js";
import { DivergenceReport } from "./divergence-report.js";
import type { SideIo } from "./side.js";

/**
 * Points that a target has received whole and its database does not take: a rule that it alone has, a row that somebody holds. At
 * a promotion they do not keep the spare from serving everything else; their rows are kept in a divergence report.
 */
export class SetAside {
  readonly #io: Pick<SideIo, "settings" | "log" | "stateDirectory">;
  readonly #names: ReadonlyMap<string, readonly string[]>;
  #attempt = "";
  #tries = 0;
  #isTaken = false;

  constructor(io: Pick<SideIo, "settings" | "log" | "stateDirectory">, tables: readonly TableDefinition[]) {
    this.#io = io;
    this.#names = new Map(tables.map((table) => [tableLabel(table), keyNames(table)]));
  }

  /** True once its rows are written down: then it is not tried any more, for the report says that it was refused. */
  has(attempt: string): boolean {
    return this.#isTaken && this.#attempt === attempt;
  }

  /** Writes the rows of a point down that has failed with `error`; throws the error where the point is to be tried again. */
  async take(
    { history, point, attempt }: Omit<PointHeader, "epoch">,
    batches: () => AsyncIterable<JournalBatch>,
    error: unknown,
  ): Promise<void> {
    this.#tries = this.#attempt === attempt ? this.#tries + 1 : 1;
    this.#attempt = attempt;
    this.#isTaken = false;
    if (!isSetAside(errorCode(error), this.#tries)) throw error;
    const { settings, stateDirectory, log } = this.#io;
    const because = errorMessage(error);
    const id = `${history}-refused-${String(point)}`;
    const which = { kind: "database", name: settings.name, id, form: "found" } as const;
    const report = new DivergenceReport(divergenceFile(stateDirectory, which));
    try {
      for await (const batch of batches()) {
        if (batch.kind === "sequences" || batch.kind === "hashes") continue;
        await report.add(batch, this.#names.get(batch.table) ?? [], { because });
      }
      const file = await report.finish();
      this.#isTaken = true;
      log.error("database-point-set-aside", { database: settings.name, point, rows: report.count, because, file });
    } finally {
      await report.discard();
    }
  }
}
