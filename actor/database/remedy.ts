import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import { judgeError, triesBeforeCopy } from "../core/database-errors.js";
import { refusalCode } from "./refusal-code.js";
import type { SideIo } from "./side.js";

/**
 * What is done about a target that can no longer take what it is sent: a copy, once; if that does not help either, a
 * person must look. Where the setting wants to be asked before a copy, synchronisation is to be turned off instead.
 */
export class Remedy {
  readonly #io: Pick<SideIo, "settings" | "log">;
  #failuresInARow = 0;
  #isCopyTried = false;
  #turnOffBecause: string | undefined;
  #isCopyNeeded = false;

  constructor(io: Pick<SideIo, "settings" | "log">) {
    this.#io = io;
  }

  /** The target is no whole copy and none is under way; known also while synchronisation is turned off. */
  get isCopyNeeded(): boolean {
    return this.#isCopyNeeded;
  }

  /** On a source: a copy can be the way out of this failure, and has not been tried. */
  isAtHand(error: unknown): boolean {
    return this.#io.settings.reinitialiseOnError && !this.#isCopyTried && this.#isMendedByCopy(error);
  }

  /** On a target: the source, which is told of this failure, sees to it. */
  isPeers(error: unknown): boolean {
    const { settings } = this.#io;
    return settings.reinitialiseOnError && judgeError(errorCode(error), settings).isMendedByCopy;
  }

  #isMendedByCopy(error: unknown): boolean {
    const isOfTarget = errorCode(error) === "PEER_REFUSED";
    return isOfTarget && judgeError(refusalCode(error), this.#io.settings).isMendedByCopy;
  }

  /** Something went well; `isTargetComplete`: the target is a whole copy, so a later failure is another one. */
  noteSuccess(isTargetComplete: boolean): void {
    this.#failuresInARow = 0;
    this.#isCopyTried &&= !isTargetComplete;
    this.#isCopyNeeded &&= !isTargetComplete;
  }

  /** A person has asked for a copy. */
  noteCopyAsked(): void {
    this.#isCopyTried = false;
  }

  /** Looks at a failure of a source that sends by itself. Rejects with what `requestCopy` says. */
  async apply(error: unknown, requestCopy: () => Promise<void>): Promise<void> {
    const { settings, log } = this.#io;
    const code = refusalCode(error);
    if (code === "REINITIALISATION_REQUIRED") this.#isCopyNeeded = true;
    if (code === "REINITIALISATION_REQUIRED" && !settings.reinitialiseOnError) this.#wantTurnOff(error);
    if (!this.#isMendedByCopy(error)) return;
    this.#failuresInARow += 1;
    if (this.#failuresInARow < triesBeforeCopy || this.#isCopyTried) return;
    if (!settings.reinitialiseOnError) {
      this.#isCopyNeeded = true;
      this.#wantTurnOff(error);
      return;
    }
    this.#isCopyTried = true;
    log.warn("database-reinitialisation-as-remedy", { database: settings.name, because: errorMessage(error) });
    await requestCopy();
  }

  /** Why synchronisation is to be turned off; asked for again, it is undefined until there is another reason. */
  takeTurnOff(): string | undefined {
    const because = this.#turnOffBecause;
    this.#turnOffBecause = undefined;
    return because;
  }

  #wantTurnOff(error: unknown): void {
    this.#turnOffBecause = errorMessage(error);
    this.#failuresInARow = 0;
  }
}
