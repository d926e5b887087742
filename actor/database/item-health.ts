import { errorMessage } from "../../shared/core/app-error.js";
import { judgeError } from "../core/database-errors.js";
import { refusalCode } from "./refusal-code.js";
import type { SideIo } from "./side.js";

export interface ItemProblem {
  readonly health: "warning" | "fatal";
  readonly because: string;
}

/** What is wrong with one database just now; logged when it changes. */
export class ItemHealth {
  readonly #io: Pick<SideIo, "settings" | "log">;
  #problem: ItemProblem | undefined;

  constructor(io: Pick<SideIo, "settings" | "log">) {
    this.#io = io;
  }

  get problem(): ItemProblem | undefined {
    return this.#problem;
  }

  /**
   * `isHelpComing`: SpareSync is going to do something about it by itself. Until that has failed, too, it is no fatal
   * error: one would stop synchronisation, and with it the help.
   */
  note(error: unknown, isHelpComing = false): void {
    const because = errorMessage(error);
    const health = isHelpComing ? "warning" : judgeError(refusalCode(error), this.#io.settings).health;
    if (this.#problem?.because === because && this.#problem.health === health) return;
    this.#problem = { health, because };
    const fields = { database: this.#io.settings.name, because };
    this.#io.log[health === "fatal" ? "error" : "warn"]("database-problem", fields);
  }

  /** Another role: nothing is known of it yet. */
  forget(): void {
    this.#problem = undefined;
  }

  noteSuccess(): void {
    if (this.#problem) this.#io.log.info("database-recovered", { database: this.#io.settings.name });
    this.#problem = undefined;
  }
}
