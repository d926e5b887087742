import { AppError } from "../shared/core/app-error.js";
import type { ServerName } from "../shared/core/server-name.js";
import { findEvents, type ChangeOrigin } from "./core/find-events.js";
import { withEvents } from "./core/kept-events.js";
import { emptyFacts, keptFactsSchema, type KeptFacts } from "./core/kept-facts.js";
import type { FactsDiskPort } from "./ports.js";

/**
 * The kept facts with one writer: changes run one after another, each on the result of the former, and are seen only
 * when they are durable.
 */
export class FactsStore {
  #facts: KeptFacts;
  #tail: Promise<void> = Promise.resolve();
  readonly #disk: FactsDiskPort;
  readonly #wallMs: () => number;

  private constructor(disk: FactsDiskPort, wallMs: () => number, facts: KeptFacts) {
    this.#disk = disk;
    this.#wallMs = wallMs;
    this.#facts = facts;
  }

  /** Reads what was kept; a document that cannot be understood is an error, never an empty start. */
  static async open(disk: FactsDiskPort, pair: string, server: ServerName, wallMs: () => number): Promise<FactsStore> {
    const document = await disk.read();
    if (document === undefined) return new FactsStore(disk, wallMs, emptyFacts(pair, server));
    const parsed = keptFactsSchema.safeParse(document);
    if (!parsed.success) {
      throw new AppError("STATE_UNREADABLE", `the kept facts are not of the expected form: ${parsed.error.message}`, {
        hint: "Restore the file facts.json of the state directory from a backup, or ask who owns the name and start anew.",
      });
    }
    if (parsed.data.pair !== pair || parsed.data.server !== server) {
      throw new AppError(
        "STATE_UNREADABLE",
        `the state directory belongs to the ${parsed.data.server} of pair ${parsed.data.pair}, not to the ${server} of ${pair}`,
        { hint: "Give each server its own stateDirectory." },
      );
    }
    return new FactsStore(disk, wallMs, parsed.data);
  }

  get facts(): KeptFacts {
    return this.#facts;
  }

  /**
   * Applies a change durably; returns the facts after it. A change that returns the same object writes nothing. The
   * events that the change amounts to are kept with it.
   */
  change(change: (facts: KeptFacts) => KeptFacts, origin: ChangeOrigin = "here"): Promise<KeptFacts> {
    const done = this.#tail.then(async () => {
      const changed = change(this.#facts);
      const next = withEvents(changed, findEvents(this.#facts, changed, origin), this.#wallMs());
      if (next !== this.#facts) {
        await this.#disk.write(next);
        this.#facts = next;
      }
      return this.#facts;
    });
    this.#tail = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
}
