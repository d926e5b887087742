import * as fs from "node:fs";
import path from "node:path";
import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { ExtendedReading } from "../core/extended-attributes.js";
import type { WireAttributes } from "../core/file-operation.js";
import type { NumericState } from "../core/state-checker.js";
import { readExtended, writeExtended } from "./extended-attributes.js";
import { giveAttributes } from "./give-attributes.js";
import { QuickStat, type ExactState } from "./quick-stat.js";
import { setModificationTime } from "./set-times.js";
import { syncDescriptor } from "./sync-descriptor.js";
import { systemCalls } from "./system-calls.js";

/**
 * On Linux every access goes through the descriptor of the folder it happens in, so a folder that is swapped for a link
 * between check and use changes nothing: /proc/self/fd/<n>/<name> resolves <name> in the folder that was opened.
 */
const usesDescriptors = process.platform === "linux" && fs.existsSync("/proc/self/fd");
const canOpenFolders = process.platform !== "win32";
/** Names the inode itself without opening it, so that no permission on it is needed (Linux, open(2)). */
const openPathOnly = 0o10000000;
/** Filled anew by each glance: an object for each entry would cost as much as the system call. */
const quickStat = usesDescriptors ? QuickStat.open() : undefined;
const folderFlags = fs.constants.O_RDONLY | (canOpenFolders ? fs.constants.O_DIRECTORY : 0);

/**
 * A folder inside a root, reached without following a link. Elsewhere than on Linux each part is checked by lstat and a
 * race remains: someone who may write in the folder can swap a part for a link between the check and the use.
 */
export class ConfinedFolder {
  readonly #descriptor: number | undefined;
  readonly #place: string;

  private constructor(descriptor: number | undefined, place: string) {
    this.#descriptor = descriptor;
    this.#place = place;
  }

  /** Opens the root itself. It comes from the settings: a link there is the administrator's and is followed. */
  static openRoot(root: string): ConfinedFolder {
    if (!fs.statSync(root).isDirectory()) throw notAFolder(root);
    return new ConfinedFolder(canOpenFolders ? fs.openSync(root, folderFlags) : undefined, root);
  }

  /** The path to use for something in this folder; valid until close. */
  place(name: string): string {
    return usesDescriptors && this.#descriptor !== undefined
      ? `/proc/self/fd/${this.#descriptor}/${name}`
      : path.join(this.#place, name);
  }

  /** Opens a folder in this one. Throws FILE_PATH_REFUSED where a link or a file stands; ENOENT where nothing does. */
  openChild(name: string): ConfinedFolder {
    const place = this.place(name);
    if (!usesDescriptors && !fs.lstatSync(place).isDirectory()) throw notAFolder(name);
    if (!canOpenFolders) return new ConfinedFolder(undefined, place);
    try {
      return new ConfinedFolder(
        fs.openSync(place, folderFlags | fs.constants.O_NOFOLLOW),
        path.join(this.#place, name),
      );
    } catch (error) {
      // With O_DIRECTORY a link gives ENOTDIR on Linux and ELOOP elsewhere.
      if (errorCode(error) === "ENOTDIR" || errorCode(error) === "ELOOP") throw notAFolder(name);
      throw error;
    }
  }

  /** As openChild, and makes the folder first if nothing stands there. */
  openOrMakeChild(name: string, mode: number): ConfinedFolder {
    try {
      fs.mkdirSync(this.place(name), { mode });
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    return this.openChild(name);
  }

  /** The names in it, as bytes: not every name is UTF-8. */
  names(): Buffer[] {
    return fs.readdirSync(usesDescriptors ? this.place(".") : this.#place, { encoding: "buffer" });
  }

  /** The names in it as text; one that is not UTF-8 comes with replacement characters, see hasName. */
  textNames(): string[] {
    return fs.readdirSync(usesDescriptors ? this.place(".") : this.#place, "utf8");
  }

  /** Whether exactly this name is there: a name that is not UTF-8 is not found under its decoded form. */
  hasName(name: string): boolean {
    const wanted = Buffer.from(name, "utf8");
    return this.names().some((bytes) => bytes.equals(wanted));
  }

  /** What stands at a name, links not followed; undefined for nothing. */
  look(name: string): fs.BigIntStats | undefined {
    // An error costs ten times what the call does.
    return fs.lstatSync(this.place(name), { bigint: true, throwIfNoEntry: false });
  }

  /** As look, in numbers: a fifth as dear, and times only to a quarter of a microsecond. Valid until the next glance. */
  glance(name: string): NumericState | undefined {
    if (quickStat !== undefined && this.#descriptor !== undefined) {
      const verdict = quickStat.read(this.#descriptor, name);
      if (verdict !== "unable") return verdict === "found" ? quickStat : undefined;
    }
    return fs.lstatSync(this.place(name), { throwIfNoEntry: false });
  }

  /** As look, without an object for each entry. Valid until the next glance, or the next exact. */
  exact(name: string): ExactState | undefined {
    if (quickStat !== undefined && this.#descriptor !== undefined) {
      const verdict = quickStat.read(this.#descriptor, name);
      if (verdict !== "unable") return verdict === "found" ? quickStat.exact : undefined;
    }
    return this.look(name);
  }

  /** Opens a file in it as open(2) does; a link is only followed where the flags do not forbid it. */
  openFile(name: string, flags: number, mode = 0): number {
    if (usesDescriptors && systemCalls !== undefined && this.#descriptor !== undefined) {
      const descriptor = systemCalls.openIn(this.#descriptor, name, flags, mode);
      if (descriptor >= 0) return descriptor;
    }
    return fs.openSync(this.place(name), flags, mode);
  }

  /** Renames what is in another folder into this one if nothing stands there yet. False: it is to be done step by step. */
  takeNew(other: ConfinedFolder, name: string, newName: string): boolean {
    if (systemCalls === undefined || this.#descriptor === undefined || other.#descriptor === undefined) return false;
    return systemCalls.renameNew(other.#descriptor, name, this.#descriptor, newName) === 0;
  }

  /** What the folder itself is. */
  lookAtSelf(): fs.BigIntStats {
    if (this.#descriptor !== undefined) return fs.fstatSync(this.#descriptor, { bigint: true });
    return fs.statSync(this.#place, { bigint: true });
  }

  /** Extended attributes of a file or folder in it ("." is itself), links not followed; see readExtended. */
  extended(name: string): ExtendedReading {
    return readExtended(this.place(name));
  }

  /**
   * Owner, mode, extended attributes and modification time of a file or folder in it; a link is refused, never followed.
   * Returns which of them could not be set, for people.
   */
  setAttributes(name: string, kind: "file" | "folder", attributes: WireAttributes): readonly string[] {
    if (!usesDescriptors) {
      requireKind(fs.lstatSync(this.place(name)), kind, name);
      return changeAttributes(this.place(name), attributes);
    }
    const descriptor = fs.openSync(this.place(name), openPathOnly | fs.constants.O_NOFOLLOW);
    try {
      requireKind(fs.fstatSync(descriptor), kind, name);
      return changeAttributes(`/proc/self/fd/${descriptor}`, attributes);
    } finally {
      fs.closeSync(descriptor);
    }
  }

  setOwnAttributes(attributes: WireAttributes): readonly string[] {
    const place = this.#descriptor !== undefined && usesDescriptors ? `/proc/self/fd/${this.#descriptor}` : this.#place;
    return changeAttributes(place, attributes);
  }

  /** Makes the names in it durable. Windows has no such call and needs none. */
  async sync(): Promise<void> {
    if (this.#descriptor !== undefined) await syncDescriptor(this.#descriptor);
  }

  /** The same for a caller that may not let anything else happen meanwhile. */
  syncNow(): void {
    if (this.#descriptor !== undefined) fs.fsyncSync(this.#descriptor);
  }

  close(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
  }
}

/** Opens a folder by its path relative to the root ("" is the root), every part without following links. */
export function openInside(root: string, relativePath: string): ConfinedFolder {
  let folder = ConfinedFolder.openRoot(root);
  if (relativePath === "") return folder;
  for (const name of relativePath.split("/")) {
    const parent = folder;
    try {
      folder = parent.openChild(name);
    } finally {
      parent.close();
    }
  }
  return folder;
}

function changeAttributes(place: string, attributes: WireAttributes): readonly string[] {
  return giveAttributes(attributes, {
    setOwner: (uid, gid) => {
      fs.chownSync(place, uid, gid);
    },
    setMode: (mode) => {
      fs.chmodSync(place, mode);
    },
    setExtended: (extended, isOwnerKept) => writeExtended(place, extended, isOwnerKept),
    setTime: (mtimeNs) => {
      setModificationTime(place, mtimeNs, "follow");
    },
  });
}

function requireKind(stat: fs.Stats, kind: "file" | "folder", name: string): void {
  const holds = kind === "file" ? stat.isFile() : stat.isDirectory();
  if (!holds) throw new AppError("FILE_PATH_REFUSED", `${JSON.stringify(name)} is not a ${kind} any more.`);
}

function notAFolder(name: string): AppError {
  return new AppError("FILE_PATH_REFUSED", `${JSON.stringify(name)} is a link or a file where a folder must be.`);
}
