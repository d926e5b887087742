import { statSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";

const entry = z.strictObject({
  path: z.string(),
  mountPoint: z.string(),
  /** The folder's own mark (folder-mark.ts); "" for unknown. */
  mark: z.string().default(""),
  /** Of a target: a full analysis of this very folder has ended. */
  isWhole: z.boolean().default(true),
});
export type KnownPlace = z.output<typeof entry>;
const stored = z.record(z.string(), entry);

/** Where the file system of each folder was mounted when the folder was last whole, kept over a restart. */
export class MountPoints {
  readonly #file: string;
  #known: z.output<typeof stored> = {};

  constructor(stateDirectory: string) {
    this.#file = path.join(stateDirectory, "files-mount-points.json");
  }

  /** What cannot be understood counts as nothing known: it only protects against an accident. */
  async load(): Promise<void> {
    const text = await readFileIfExists(this.#file);
    if (text === undefined) return;
    try {
      this.#known = stored.parse(JSON.parse(text));
    } catch {
      this.#known = {};
    }
  }

  /** "" where nothing is known. */
  get(folder: string, root: string): string {
    return this.entry(folder, root)?.mountPoint ?? "";
  }

  /** All that is known of where it stands; a folder that was given another path is another folder. */
  entry(folder: string, root: string): KnownPlace | undefined {
    const known = this.#known[folder];
    return known?.path === root ? known : undefined;
  }

  /** Of a source that is whole: whatever it was marked with as a target is forgotten when it stands elsewhere. */
  async set(folder: string, root: string, mountPoint: string, mark = ""): Promise<void> {
    const known = this.entry(folder, root);
    if (known?.mountPoint === mountPoint && known.mark === mark) return;
    await this.put(folder, { path: root, mountPoint, mark, isWhole: true });
  }

  async put(folder: string, place: KnownPlace): Promise<void> {
    this.#known = { ...this.#known, [folder]: place };
    await this.#store();
  }

  /** Whatever stands there next is taken for the folder. */
  async forget(folder: string): Promise<void> {
    this.#known = Object.fromEntries(Object.entries(this.#known).filter(([name]) => name !== folder));
    await this.#store();
  }

  async #store(): Promise<void> {
    await writeFileAtomically(this.#file, JSON.stringify(this.#known));
  }
}

/**
 * The topmost folder on the same device. Device numbers change with a restart of the machine; that a folder is a mount
 * point does not.
 */
export function findMountPoint(root: string): string {
  let place = path.resolve(root);
  const { dev } = statSync(place);
  for (let above = path.dirname(place); above !== place; above = path.dirname(place)) {
    if (statSync(above).dev !== dev) break;
    place = above;
  }
  return place;
}
