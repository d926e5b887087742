import path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import { isAtOrBelow, parentPath } from "../core/file-entry.js";
import type { OpenPaths } from "../core/file-wire.js";
import type { DataRole } from "../sync-part.js";

const stored = z.strictObject({
  /** This server was the source once: what it wrote then may stand on no other server. */
  wasSource: z.boolean(),
  /** Of each folder that was made a copy in full since: what could not be brought over, null for more than can be named. */
  openPaths: z.record(z.string(), z.array(z.string()).nullable()),
  /** Of each folder: what was renamed here since, by its name now and by the one it had; parts of a path by the deepest. */
  movedFrom: z.record(z.string(), z.array(z.tuple([z.string(), z.string()]))).optional(),
});
type Stored = z.output<typeof stored>;

/** The form of before, by the number of an epoch. */
const storedByEpoch = z
  .strictObject({ sourceEpoch: z.int(), heldEpoch: z.int(), wholeFolders: z.array(z.string()) })
  .transform(({ sourceEpoch, heldEpoch, wholeFolders }): Stored => {
    const openPaths = sourceEpoch > 0 ? {} : Object.fromEntries(wholeFolders.map((name) => [name, []]));
    return { wasSource: sourceEpoch > 0 || heldEpoch > 0, openPaths };
  });

/** Of more renames the things in `.deleted` have the names that they were renamed to. */
const movesLimit = 10_000;

/** What else is known of the time before a role. */
export interface KnownBefore {
  /** This server has had a role, as far as can be told, so that there should be a file. */
  readonly hadRole: boolean;
  /** Whether the folder was a whole copy of the source of this very epoch. */
  readonly isWhole: (folder: string) => boolean;
  readonly folders: readonly string[];
}

/**
 * Knows when this server is the target of a reverse synchronisation: it was the source, and now another one is. What it
 * wrote after the failover that it did not see stands on no other server, so whatever replaces that is to be held back,
 * until a person has looked: all of a folder until a full analysis was carried out over it, and after that each path
 * that it could not bring over, until it is. The number of the epoch says nothing here: it may rise before that.
 */
export class ReverseHold {
  readonly #file: string;
  #known: Stored | undefined;
  #isTarget = false;
  /** By folder: the name now, and the name before this server was given any. */
  #movedFrom = new Map<string, Map<string, string>>();
  #hasNewMoves = false;

  constructor(stateDirectory: string) {
    this.#file = path.join(stateDirectory, "files-reverse-hold.json");
  }

  /** Before the first batch of the role is taken. */
  async takeRole({ role }: DataRole, before: KnownBefore): Promise<void> {
    if (this.#known === undefined) {
      this.#known = (await this.#load()) ?? unknownBefore(before);
      const { movedFrom = {} } = this.#known;
      this.#movedFrom = new Map(Object.entries(movedFrom).map(([folder, moves]) => [folder, new Map(moves)]));
    }
    this.#isTarget = role === "target";
    if (role === "source") {
      this.#known = { wasSource: true, openPaths: {} };
      this.#movedFrom.clear();
    }
    if (role !== "idle") await this.#store();
  }

  /** Whether a full analysis is still to be carried out over a folder that may hold what stands nowhere else. */
  isUnderWay(folder: string): boolean {
    return this.#isTarget && this.#known?.wasSource === true && this.#known.openPaths[folder] === undefined;
  }

  /** Whether what stands at a path, or with "" anything at all, is held. Synchronous: it is asked for each file replaced. */
  isHolding(folder: string, place: string): boolean {
    if (!this.#isTarget || this.#known?.wasSource !== true) return false;
    const open = this.#known.openPaths[folder];
    if (open === undefined || open === null) return true;
    return place === "" ? open.length > 0 : open.some((one) => isAtOrBelow(place, one));
  }

  /**
   * A full analysis was carried out, but for these paths, or some of them were brought over since. What was brought over
   * once is never held again: it is the source's.
   */
  async end(folder: string, open: OpenPaths): Promise<void> {
    if (!this.#isTarget || this.#known?.wasSource !== true) return;
    const before = this.#known.openPaths[folder];
    const left = before === undefined || before === null ? open : narrowed(before, open);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(left)) return;
    this.#set(folder, left);
    if (left?.length === 0) this.#movedFrom.delete(folder);
    await this.#store();
  }

  /** What may be held has another name now. Durable with `keepMoves`. */
  noteMoved(folder: string, from: string, to: string): void {
    if (this.isHolding(folder, "")) this.#noteName(folder, from, to);
    const open = this.#known?.openPaths[folder] ?? [];
    const moved = open.filter((one) => isAtOrBelow(one, from)).map((one) => to + one.slice(from.length));
    // The old name as well, until the source says that nothing is open there.
    if (moved.length > 0) this.#set(folder, [...open, ...moved]);
  }

  /** The name that something had on this server before any was given to it by a source, for people who look for it. */
  nameBefore(folder: string, place: string): string {
    const moved = this.#movedFrom.get(folder);
    if (moved === undefined || moved.size === 0) return place;
    for (let part = place; part !== ""; part = parentPath(part)) {
      const before = moved.get(part);
      if (before !== undefined) return before + place.slice(part.length);
    }
    return place;
  }

  /** What was moved is remembered over a restart when this resolves. */
  async keepMoves(): Promise<void> {
    if (!this.#hasNewMoves) return;
    this.#hasNewMoves = false;
    await this.#store();
  }

  #noteName(folder: string, from: string, to: string): void {
    const moved = this.#movedFrom.get(folder) ?? new Map<string, string>();
    const before = this.nameBefore(folder, from);
    // What had been renamed in it goes along with it.
    for (const [place, name] of moved) {
      if (!isAtOrBelow(place, from)) continue;
      moved.delete(place);
      moved.set(to + place.slice(from.length), name);
    }
    if (moved.size < movesLimit) moved.set(to, before);
    this.#movedFrom.set(folder, moved);
    this.#hasNewMoves = true;
  }

  #set(folder: string, open: OpenPaths): void {
    if (this.#known === undefined) return;
    this.#known = { ...this.#known, openPaths: { ...this.#known.openPaths, [folder]: open } };
  }

  async #load(): Promise<Stored | undefined> {
    const text = await readFileIfExists(this.#file);
    return text === undefined ? undefined : parseStored(text);
  }

  async #store(): Promise<void> {
    const moved = [...this.#movedFrom].map(([folder, moves]) => [folder, [...moves]] as const);
    const known = { ...this.#known, movedFrom: moved.length === 0 ? undefined : Object.fromEntries(moved) };
    await writeFileAtomically(this.#file, JSON.stringify(known));
  }
}

/** What is open still of what was before. What is said to be more than can be named leaves all of it open. */
function narrowed(before: string[], now: OpenPaths): string[] {
  if (now === null) return before;
  const left = before.filter((one) => now.some((open) => isAtOrBelow(one, open)));
  // Of a folder that could not be read before, some files cannot be now.
  const inner = now.filter((open) => !left.includes(open) && before.some((one) => isAtOrBelow(open, one)));
  return [...left, ...inner];
}

/** Where there should be a file and is none, it may have said anything. */
function unknownBefore({ hadRole, isWhole, folders }: KnownBefore): Stored {
  return { wasSource: hadRole, openPaths: Object.fromEntries(folders.filter(isWhole).map((name) => [name, []])) };
}

/** What cannot be read may have said anything: then the next copy from elsewhere holds, which costs only room. */
function parseStored(text: string): Stored {
  try {
    return z.union([stored, storedByEpoch]).parse(JSON.parse(text));
  } catch {
    return { wasSource: true, openPaths: {} };
  }
}
