import { openInside, type ConfinedFolder } from "./confined-folder.js";

/**
 * The folder that was opened last, because what follows usually stands in it, too. Only for a synchronous stretch of work:
 * call `forget` before others have their turn, or a folder that somebody moves away meanwhile would still be written in.
 */
export class OpenParents {
  readonly #root: string;
  #path: string | undefined;
  #folder: ConfinedFolder | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Valid until the next call. Throws as openInside does. */
  open(path: string): ConfinedFolder {
    if (this.#folder !== undefined && this.#path === path) return this.#folder;
    this.forget();
    this.#folder = openInside(this.#root, path);
    this.#path = path;
    return this.#folder;
  }

  forget(): void {
    this.#folder?.close();
    this.#folder = undefined;
    this.#path = undefined;
  }
}
