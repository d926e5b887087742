import path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";

const times = z.strictObject({ lastAtMs: z.number(), isAsked: z.boolean() });

/** Of one folder: when its last comparison by content began (wall-clock milliseconds; 0 for never), and whether one is asked for. */
export type ContentTime = z.output<typeof times>;

const never: ContentTime = { lastAtMs: 0, isAsked: false };

/** When each folder was compared by content, kept over a restart: whoever restarts often would never come to it otherwise. */
export class ContentTimes {
  readonly #file: string;
  readonly #folders = new Map<string, ContentTime>();

  constructor(stateDirectory: string) {
    this.#file = path.join(stateDirectory, "files-content-times.json");
  }

  /** What cannot be understood counts as never: then the time begins at the start. */
  async load(): Promise<void> {
    const text = await readFileIfExists(this.#file);
    if (text === undefined) return;
    try {
      const kept = z.record(z.string(), times).parse(JSON.parse(text));
      for (const [folder, value] of Object.entries(kept)) this.#folders.set(folder, value);
    } catch {
      this.#folders.clear();
    }
  }

  get(folder: string): ContentTime {
    return this.#folders.get(folder) ?? never;
  }

  async set(folder: string, value: ContentTime): Promise<void> {
    this.#folders.set(folder, value);
    await writeFileAtomically(this.#file, JSON.stringify(Object.fromEntries(this.#folders)));
  }
}
