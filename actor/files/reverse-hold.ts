import path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import type { DataRole } from "../sync-part.js";

const stored = z.strictObject({
  sourceEpoch: z.int().min(0),
  /** Of the target role whose first whole copy holds; 0 for none. */
  heldEpoch: z.int().min(0),
  /** Folders of which that copy is whole. */
  wholeFolders: z.array(z.string()),
});
type Stored = z.output<typeof stored>;

/**
 * Knows when this server is the target of a reverse synchronisation: it was the source, and now another one is. What it
 * wrote after the failover that it did not see stands on no other server, so the first whole copy that is made over it
 * holds back everything it replaces, until a person has looked.
 */
export class ReverseHold {
  readonly #file: string;
  #known: Stored = { sourceEpoch: 0, heldEpoch: 0, wholeFolders: [] };
  #isLoaded = false;
  #role: DataRole = { role: "idle", epoch: 0 };

  constructor(stateDirectory: string) {
    this.#file = path.join(stateDirectory, "files-reverse-hold.json");
  }

  /** Before the first batch of the role is taken. */
  async takeRole(role: DataRole): Promise<void> {
    await this.#load();
    this.#role = role;
    const { sourceEpoch } = this.#known;
    if (role.role === "source" && role.epoch > sourceEpoch) {
      await this.#store({ sourceEpoch: role.epoch, heldEpoch: 0, wholeFolders: [] });
    }
    const isReverse = role.role === "target" && sourceEpoch > 0 && role.epoch > sourceEpoch;
    if (isReverse) await this.#store({ sourceEpoch: 0, heldEpoch: role.epoch, wholeFolders: [] });
  }

  /** Synchronous: it is asked for each file that is replaced. */
  isHolding(folder: string): boolean {
    const { heldEpoch, wholeFolders } = this.#known;
    return this.#role.role === "target" && this.#role.epoch === heldEpoch && !wholeFolders.includes(folder);
  }

  /** The folder is a whole copy: what is replaced in it from now on was never written here. */
  async end(folder: string): Promise<void> {
    if (!this.isHolding(folder)) return;
    await this.#store({ ...this.#known, wholeFolders: [...this.#known.wholeFolders, folder] });
  }

  async #load(): Promise<void> {
    if (this.#isLoaded) return;
    const text = await readFileIfExists(this.#file);
    if (text !== undefined) this.#known = parseStored(text);
    this.#isLoaded = true;
  }

  async #store(known: Stored): Promise<void> {
    this.#known = known;
    await writeFileAtomically(this.#file, JSON.stringify(known));
  }
}

/** What cannot be read may have said anything: then the next copy from elsewhere holds, which costs only room. */
function parseStored(text: string): Stored {
  try {
    return stored.parse(JSON.parse(text));
  } catch {
    return { sourceEpoch: 1, heldEpoch: 0, wholeFolders: [] };
  }
}
