import path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";

/** `inner`: where others were mounted in the folder, as paths in it. */
const one = z.strictObject({ path: z.string(), mountPoint: z.string(), inner: z.array(z.string()).default([]) });
const stored = z.record(z.string(), one);

/** "" for the mount point where nothing is known. */
export type KnownMounts = Omit<z.output<typeof one>, "path">;

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

  /** A folder that was given another path is another folder. */
  get(folder: string, root: string): KnownMounts {
    const known = this.#known[folder];
    return known?.path === root ? { mountPoint: known.mountPoint, inner: known.inner } : nothingKnown;
  }

  async set(folder: string, root: string, { mountPoint, inner }: KnownMounts): Promise<void> {
    if (JSON.stringify(this.get(folder, root)) === JSON.stringify({ mountPoint, inner })) return;
    this.#known = { ...this.#known, [folder]: { path: root, mountPoint, inner } };
    await writeFileAtomically(this.#file, JSON.stringify(this.#known));
  }
}
