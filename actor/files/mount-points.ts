import { statSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import { readFolderMark } from "./folder-mark.js";

const one = z.strictObject({
  path: z.string(),
  mountPoint: z.string(),
  /** Where others were mounted in the folder, as paths in it. */
  inner: z.array(z.string()).default([]),
  /** The folder's own mark (folder-mark.ts); "" for unknown. */
  mark: z.string().default(""),
  /** Of a target: a full analysis of this very folder has ended. */
  isWhole: z.boolean().default(true),
});
export type KnownPlace = z.output<typeof one>;
const stored = z.record(z.string(), one);

/** "" for the mount point where nothing is known. */
export type KnownMounts = Pick<KnownPlace, "mountPoint" | "inner">;

const nothingKnown: KnownMounts = { mountPoint: "", inner: [] };

/** Where the file systems of each folder were mounted when the folder was last whole, kept over a restart. */
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

  get(folder: string, root: string): KnownMounts {
    const known = this.entry(folder, root);
    return known === undefined ? nothingKnown : { mountPoint: known.mountPoint, inner: known.inner };
  }

  /** All that is known of where it stands; a folder that was given another path is another folder. */
  entry(folder: string, root: string): KnownPlace | undefined {
    const known = this.#known[folder];
    return known?.path === root ? known : undefined;
  }

  /** Of a source that is whole, with the mark that its folder has from its time as a target. */
  async set(folder: string, root: string, { mountPoint, inner }: KnownMounts): Promise<void> {
    const mark = readFolderMark(root);
    const known = this.entry(folder, root);
    const isSame = JSON.stringify(this.get(folder, root)) === JSON.stringify({ mountPoint, inner });
    if (isSame && known?.mark === mark) return;
    await this.put(folder, { path: root, mountPoint, inner, mark, isWhole: true });
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
