import { errorMessage } from "../../shared/core/app-error.js";
import { joinPath, parentPath } from "../core/file-entry.js";
import { KnownSlots, StateReader, type EntryState, type FolderRecord } from "../core/folder-record.js";
import { ConfinedFolder } from "./confined-folder.js";
import { isUnknown, lookAtFolder, Pace } from "./folder-look.js";
import type { PassPorts } from "./pass.js";
import type { FileProblem } from "./scanner.js";

/** When a look at the tree began. */
export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** More is a reason to look at the whole tree once more. */
const newcomerLimit = 100_000;

/** A file system's clock goes in steps, of a network's it is another server's: what changed so shortly before counts as since. */
const marginNs = 2_000_000_000n;

/**
 * What came into folders after a scan of the whole tree had looked at them: what was moved there from a folder that the scan had not
 * looked at yet was seen nowhere, and is gone by all appearances. Only folders that changed since are looked at.
 */
export class Newcomers {
  readonly #ports: PassPorts;
  readonly #rootCtimeNs: bigint;
  readonly #beganNs: bigint;
  readonly #pace = new Pace();
  /** With whether it was made since the scan began: then it stood nowhere else before. */
  readonly #found = new Map<string, { readonly isNew: boolean }>();
  #hasBirthTimes = false;
  /** What could not be looked at: what seems to be gone may be that. */
  readonly problems: FileProblem[] = [];

  constructor(root: Pick<EntryState, "ctimeNs">, began: Moment, ports: PassPorts) {
    this.#ports = ports;
    this.#rootCtimeNs = root.ctimeNs;
    const { clock } = ports;
    // A clock that was set back meanwhile has given times before the beginning.
    const beganMs = Math.min(began.wallMs, clock.wallMs() - (clock.monotonicMs() - began.monotonicMs));
    this.#beganNs = BigInt(Math.floor(beganMs)) * 1_000_000n;
  }

  /** Looks once more; gives those that no look has found before and that may have stood elsewhere. */
  async look(): Promise<readonly string[]> {
    const before = new Set(this.#found.keys());
    const folder = ConfinedFolder.openRoot(this.#ports.root);
    try {
      const { birthtimeNs, ctimeNs } = folder.lookAtSelf();
      // Where there are none, what the system gives in their place is 0, or the time of the last change.
      this.#hasBirthTimes = birthtimeNs > 0n && birthtimeNs < ctimeNs;
      await this.#folder(folder, "", this.#rootCtimeNs);
    } finally {
      folder.close();
    }
    return [...this.#found].flatMap(([path, { isNew }]) => (isNew || before.has(path) ? [] : path));
  }

  /** There are more than are remembered. */
  get isTooMuch(): boolean {
    return this.#found.size >= newcomerLimit;
  }

  /** Whether it is one of them, or in one. */
  has(path: string): boolean {
    for (let top = path; top !== ""; top = parentPath(top)) if (this.#found.has(top)) return true;
    return false;
  }

  async #folder(folder: ConfinedFolder, path: string, seenCtimeNs: bigint): Promise<void> {
    const { store, signal } = this.#ports;
    signal.throwIfAborted();
    const turn = this.#pace.step();
    if (turn !== undefined) await turn;
    const record = this.isTooMuch ? undefined : store.getFolder(path);
    if (record === undefined) return;
    const { ctimeNs } = folder.lookAtSelf();
    if (ctimeNs !== seenCtimeNs || ctimeNs >= this.#beganNs - marginNs) await this.#compare(folder, path, record);
    const slots = new KnownSlots(record.known);
    const reader = new StateReader(record.states);
    for (let state = reader.next(); state !== undefined; state = reader.next()) {
      const inner = joinPath(path, state.name);
      if (state.kind !== "folder" || this.#found.has(inner)) continue;
      // Without a digest the scan could not read it, either: what is in it is known to be unknown.
      const { digest } = slots.getFolder(reader.index);
      if (digest.some((byte) => byte !== 0)) await this.#inner(folder, state, inner);
    }
  }

  async #inner(folder: ConfinedFolder, { name, ctimeNs }: EntryState, path: string): Promise<void> {
    let child: ConfinedFolder;
    try {
      child = folder.openChild(name);
    } catch {
      // It went: where to is found there.
      return;
    }
    try {
      await this.#folder(child, path, ctimeNs);
    } finally {
      child.close();
    }
  }

  async #compare(folder: ConfinedFolder, path: string, record: FolderRecord): Promise<void> {
    const before = new StateReader(record.states);
    const now = new StateReader(await this.#states(folder, path));
    let old = before.next();
    for (let state = now.next(); state !== undefined; state = now.next()) {
      while (old !== undefined && old.name < state.name) old = before.next();
      const match = old?.name === state.name ? old : undefined;
      const inner = joinPath(path, state.name);
      if (match === undefined && isUnknown(state)) this.#fail(inner, "it cannot be looked at");
      else if (state.kind !== "other" && match?.ino !== state.ino) {
        this.#found.set(inner, { isNew: state.kind !== "folder" && this.#isNew(folder, state.name) });
      }
    }
  }

  #isNew(folder: ConfinedFolder, name: string): boolean {
    return this.#hasBirthTimes && (folder.look(name)?.birthtimeNs ?? 0n) >= this.#beganNs;
  }

  async #states(folder: ConfinedFolder, path: string): Promise<Buffer> {
    const { rules } = this.#ports;
    try {
      return (await lookAtFolder(folder, path, { pace: this.#pace, rules, report: () => undefined })).states.bytes;
    } catch (error) {
      this.#fail(path, errorMessage(error));
      return Buffer.alloc(0);
    }
  }

  #fail(path: string, because: string): void {
    this.problems.push({ path, kind: "failed", because });
  }
}
