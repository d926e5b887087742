import path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";

const stored = z.record(z.string(), z.strictObject({ path: z.string(), mountPoint: z.string() }));

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

  /** "" where nothing is known; a folder that was given another path is another folder. */
  get(folder: string, root: string): string {
    const known = this.#known[folder];
    return known?.path === root ? known.mountPoint : "";
  }

  async set(folder: string, root: string, mountPoint: string): Promise<void> {
    if (this.get(folder, root) === mountPoint) return;
    this.#known = { ...this.#known, [folder]: { path: root, mountPoint } };
    await writeFileAtomically(this.#file, JSON.stringify(this.#known));
  }
}
