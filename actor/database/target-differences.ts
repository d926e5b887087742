import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { compareConstraints, type OneSidedConstraint, type TableConstraints } from "../core/table-constraints.js";
import { refusalCode } from "./refusal-code.js";
import type { CopyReport } from "./reinitialise.js";
import type { Prepared, SideIo } from "./side.js";

/** What a source finds out about its target, for status. */
export interface TargetReports {
  /** While it copies; `undefined` when the copy has ended. */
  copy: CopyReport | undefined;
  /** Labels of sequences that the target has not. */
  missingSequences: readonly string[];
  /** Those first by which the target refuses rows. */
  oneSided: readonly OneSidedConstraint[];
}

/**
 * What a target has otherwise than its source though rows flow: sequences (decision 0052) and constraints (decision 0058).
 * Said in status, logged when it changes.
 */
export class TargetDifferences {
  readonly #io: Pick<SideIo, "settings" | "log">;
  readonly #prepared: Prepared;
  readonly #reports: TargetReports;

  constructor(io: Pick<SideIo, "settings" | "log">, prepared: Prepared, reports: TargetReports) {
    this.#io = io;
    this.#prepared = prepared;
    this.#reports = reports;
  }

  /** Takes what the target says of itself; an older one says nothing. */
  note(sequences: readonly string[] | undefined, constraints: TableConstraints | undefined): void {
    this.#noteSequences(sequences);
    this.#noteConstraints(constraints ? compareConstraints(this.#prepared.constraints, constraints) : []);
  }

  /** Rows go on to flow without a sequence, but whoever takes over would find none to draw from. */
  #noteSequences(there: readonly string[] | undefined): void {
    const missing = there ? this.#prepared.sequences.filter((label) => !there.includes(label)) : [];
    if (missing.join() === this.#reports.missingSequences.join()) return;
    this.#reports.missingSequences = missing;
    const fields = { database: this.#io.settings.name, sequences: [...missing] };
    if (missing.length > 0) this.#io.log.warn("database-sequences-missing", fields);
  }

  #noteConstraints(found: readonly OneSidedConstraint[]): void {
    const messages = found.map(({ message }) => message);
    if (messages.join() === this.#reports.oneSided.map(({ message }) => message).join()) return;
    this.#reports.oneSided = found;
    const fields = { database: this.#io.settings.name, constraints: messages };
    if (found.some(({ isRefusing }) => isRefusing)) this.#io.log.error("database-constraints-differ", fields);
    else if (found.length > 0) this.#io.log.warn("database-constraints-differ", fields);
  }

  /** A row that the target refused by a constraint that it alone has is refused in a copy, too: the error that says so. */
  explain(error: unknown): unknown {
    if (!["DATABASE_FAILED", "DATABASE_VALUE_REFUSED"].includes(refusalCode(error) ?? "")) return error;
    const message = errorMessage(error);
    const rule = this.#reports.oneSided.find(
      ({ isRefusing, table, name }) => isRefusing && names(message, name) && message.includes(table),
    );
    if (!rule) return error;
    const explained = `${message}: ${rule.message}`;
    return new AppError("PEER_REFUSED", explained, { cause: new AppError("DATABASE_VALUE_REFUSED", explained) });
  }
}

/** Whether the whole name is in the message, as any language of the server's messages quotes it. */
function names(message: string, name: string): boolean {
  const at = message.indexOf(name);
  return at >= 0 && !/\w/.test(message.charAt(at - 1)) && !/\w/.test(message.charAt(at + name.length));
}
