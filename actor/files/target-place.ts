import type { RandomPort } from "../../shared/core/clock-port.js";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import { readFolderMark, writeFolderMark } from "./folder-mark.js";
import { findMountPoint, type MountPoints } from "./mount-points.js";

/**
 * Whether what stands at the root of a target folder is the folder that the source has compared its own with. A folder that is
 * not mounted looks like an empty one, or like an old one: nothing is written there, and it is no copy of anything.
 */
export class TargetPlace {
  readonly #settings: Pick<FolderSettings, "name" | "path">;
  readonly #known: MountPoints;
  readonly #random: Pick<RandomPort, "id">;
  #doubt = "";

  constructor(settings: Pick<FolderSettings, "name" | "path">, known: MountPoints, random: Pick<RandomPort, "id">) {
    this.#settings = settings;
    this.#known = known;
    this.#random = random;
  }

  /** What the last look found wrong; "" for nothing. */
  get doubt(): string {
    return this.#doubt;
  }

  /** A full analysis of this very folder has ended. */
  get isWhole(): boolean {
    return this.#doubt === "" && this.#entry?.isWhole === true;
  }

  /**
   * Throws FILE_VETO where another folder stands at the root, and where none was compared yet: what a source says of how complete it is
   * is of another one. Only a full analysis, which begins with `begin`, makes a folder known. Throws the system's error where the root cannot be read.
   */
  require(): void {
    this.requireSame();
    if ((this.#entry?.mark ?? "") !== "") return;
    throw new AppError("FILE_VETO", `The target's folder ${this.#settings.name} has to be compared in full first.`, {
      hint: "The source begins that by itself.",
    });
  }

  /** As `require`, but lets one pass that was never compared: there is nothing that it could be mistaken for. */
  requireSame(): void {
    this.look();
    if (this.#doubt === "") return;
    throw new AppError("FILE_VETO", this.#doubt, { hint: hintFor(this.#settings.name) });
  }

  /** What is found is in `doubt`. Throws the system's error where the root cannot be read. */
  look(): void {
    try {
      this.#doubt = this.#find();
    } catch (error) {
      this.#doubt = `The target's folder cannot be used: ${errorMessage(error)}.`;
      throw error;
    }
  }

  /** A full analysis begins: what stands here from now on is the folder. */
  async begin(): Promise<void> {
    this.requireSame();
    if ((this.#entry?.mark ?? "") !== "") return;
    const { name, path } = this.#settings;
    let mark = readFolderMark(path);
    if (mark === "") {
      mark = this.#random.id();
      writeFolderMark(path, mark);
    }
    await this.#known.put(name, { path, mountPoint: findMountPoint(path), inner: [], mark, isWhole: false });
  }

  /** That analysis has ended, and all that it found was brought over. */
  async noteWhole(): Promise<void> {
    const entry = this.#entry;
    if (entry !== undefined && !entry.isWhole) await this.#known.put(this.#settings.name, { ...entry, isWhole: true });
  }

  /**
   * A person says that this is the folder: it counts as new, and is no copy until a full analysis has ended. False where there is no
   * doubt. Throws the system's error where the root cannot be read.
   */
  async approve(): Promise<boolean> {
    this.look();
    if (this.#doubt === "") return false;
    await this.#known.forget(this.#settings.name);
    this.#doubt = "";
    return true;
  }

  get #entry() {
    return this.#known.entry(this.#settings.name, this.#settings.path);
  }

  #find(): string {
    const entry = this.#entry;
    if (entry === undefined) return "";
    const { name, path } = this.#settings;
    const mountPoint = findMountPoint(path);
    const about = `The target's folder ${name} (${path}) is not the one that was compared with the source`;
    if (mountPoint !== entry.mountPoint) {
      return `${about}: it was on the file system mounted at ${entry.mountPoint}, and is on ${mountPoint} now.`;
    }
    if (entry.mark === "" || readFolderMark(path) === entry.mark) return "";
    return `${about}: the mark of SpareSync in .sparesync is missing or another one.`;
  }
}

function hintFor(name: string): string {
  return `Is the right disk mounted there? If it was replaced on purpose: sparesync files approve ${name}, on the target; everything is compared anew.`;
}
