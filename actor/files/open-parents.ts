import { AppError } from "../../shared/core/app-error.js";
import { joinPath } from "../core/file-entry.js";
import { ConfinedFolder, openInside } from "./confined-folder.js";

/** A folder of a path is there only under a name that its file system takes for the same. */
export class OtherNameError extends AppError {
  constructor(path: string) {
    super(
      "FILE_FAILED",
      `${JSON.stringify(path)} differs only by case, or by Unicode form, from a name that is there, and the target's file system takes them for one.`,
    );
  }
}

/**
 * The folder that was opened last, because what follows usually stands in it, too. Only for a synchronous stretch of work:
 * call `forget` before others have their turn, or a folder that somebody moves away meanwhile would still be written in.
 */
export class OpenParents {
  readonly #root: string;
  readonly #isNameBlind: boolean;
  /** The names that were seen in a folder. */
  readonly #names = new Map<string, Set<string>>();
  #path: string | undefined;
  #folder: ConfinedFolder | undefined;

  /** `isNameBlind`: a folder is opened under its very name alone, though its file system takes others for the same. */
  constructor(root: string, isNameBlind = false) {
    this.#root = root;
    this.#isNameBlind = isNameBlind;
  }

  /** Valid until the next call. Throws as openInside does; OtherNameError where a name in the path is not the very one. */
  open(path: string): ConfinedFolder {
    if (this.#folder !== undefined && this.#path === path) return this.#folder;
    this.forget();
    this.#folder = this.#isNameBlind ? this.openExact(path) : openInside(this.#root, path);
    this.#path = path;
    return this.#folder;
  }

  /** For the caller to close; otherwise as open. */
  openApart(path: string): ConfinedFolder {
    return this.#isNameBlind ? this.openExact(path) : openInside(this.#root, path);
  }

  forget(): void {
    this.#folder?.close();
    this.#folder = undefined;
    this.#path = undefined;
  }

  /** Something was moved, or removed: names that were seen may not be there any more. */
  forgetNames(): void {
    this.#names.clear();
  }

  protected openRoot(): ConfinedFolder {
    return ConfinedFolder.openRoot(this.#root);
  }

  protected openExact(path: string): ConfinedFolder {
    let folder = this.openRoot();
    let here = "";
    for (const name of path === "" ? [] : path.split("/")) {
      const parent = folder;
      try {
        folder = parent.openChild(name);
        this.#requireName(parent, here, name, folder);
        here = joinPath(here, name);
      } finally {
        parent.close();
      }
    }
    return folder;
  }

  /** One that is not known may have come since the folder was looked at. */
  #requireName(parent: ConfinedFolder, path: string, name: string, child: ConfinedFolder): void {
    if (this.#names.get(path)?.has(name) === true) return;
    const names = new Set(parent.textNames());
    this.#names.set(path, names);
    if (names.has(name)) return;
    child.close();
    throw new OtherNameError(joinPath(path, name));
  }
}
