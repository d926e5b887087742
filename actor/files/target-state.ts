import { mkdir } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import type { DataRole } from "../sync-part.js";

const stored = z.strictObject({ dataEpoch: z.int().min(0), promotedEpoch: z.int().min(0) });

/**
 * Which batches this server takes: only as target, only of the epoch of its role, never of one below the raised epoch or
 * up to the one it was promoted with (docs/ownership.md 9). The epochs are durable; the role is given anew at each start.
 */
export class TargetState {
  readonly #file: string;
  #loading: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #role: DataRole = { role: "idle", epoch: 0 };
  #dataEpoch = 0;
  #promotedEpoch = 0;

  constructor(stateDirectory: string) {
    this.#file = path.join(stateDirectory, "files-epoch.json");
  }

  async takeRole(role: DataRole): Promise<void> {
    await this.#load();
    this.#role = role;
    if (role.epoch > this.#dataEpoch) await this.raiseEpoch(role.epoch);
  }

  /** Refuses from the call on (no batch can take effect while the write is under way); durable when it resolves. */
  async raiseEpoch(epoch: number): Promise<void> {
    await this.#load();
    this.#dataEpoch = Math.max(this.#dataEpoch, epoch);
    await this.#store();
  }

  async promote(epoch: number): Promise<void> {
    await this.#load();
    this.#dataEpoch = Math.max(this.#dataEpoch, epoch);
    this.#promotedEpoch = Math.max(this.#promotedEpoch, epoch);
    await this.#store();
  }

  /** Whether it was promoted and has not become the target of a later epoch since. */
  async isPromoted(): Promise<boolean> {
    await this.#load();
    return this.#promotedEpoch > 0 && this.#promotedEpoch >= this.#dataEpoch;
  }

  /** Throws EPOCH_TOO_OLD or NOT_ALLOWED. Synchronous, so that nothing can happen between it and the next effect. */
  requireAccepted(epoch: number): void {
    if (epoch < this.#dataEpoch || epoch <= this.#promotedEpoch) {
      const current = Math.max(this.#dataEpoch, this.#promotedEpoch);
      throw new AppError("EPOCH_TOO_OLD", `Files of epoch ${epoch} are refused: the epoch here is ${current}.`);
    }
    if (this.#role.role !== "target") {
      throw new AppError("NOT_ALLOWED", `Files are refused: this server is not the target but ${this.#role.role}.`);
    }
    if (epoch === this.#role.epoch) return;
    throw new AppError(
      "EPOCH_TOO_OLD",
      `Files of epoch ${epoch} are refused: the role here is of ${this.#role.epoch}.`,
    );
  }

  #load(): Promise<void> {
    this.#loading ??= this.#read().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #read(): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true });
    const text = await readFileIfExists(this.#file);
    if (text === undefined) return;
    let value;
    try {
      value = stored.parse(JSON.parse(text));
    } catch (cause) {
      const hint = "Restore it from a backup, or write it again with the epoch of the ownership record.";
      throw new AppError("STATE_UNREADABLE", `${this.#file} cannot be understood.`, { cause, hint });
    }
    this.#dataEpoch = Math.max(this.#dataEpoch, value.dataEpoch);
    this.#promotedEpoch = Math.max(this.#promotedEpoch, value.promotedEpoch);
  }

  /** One write after the other, each with the newest values: an older one never lands last. */
  #store(): Promise<void> {
    const write = async (): Promise<void> => {
      const content = { dataEpoch: this.#dataEpoch, promotedEpoch: this.#promotedEpoch };
      await writeFileAtomically(this.#file, JSON.stringify(content));
    };
    const done = this.#writing.then(write, write);
    this.#writing = done.catch(() => undefined);
    return done;
  }
}
