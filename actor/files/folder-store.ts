import * as fs from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isBelow, joinPath, leafName, parentPath } from "../core/file-entry.js";
import {
  decodeFolderRecord,
  encodeFolderRecord,
  KnownSlots,
  nothingKnown,
  StateReader,
  type EntryState,
  type FolderRecord,
} from "../core/folder-record.js";
import { mergeNotes } from "../core/folder-notes.js";
import type { ScannedEntry } from "./scanner.js";
import {
  decodeNote,
  encodeFrame,
  frameChecksum,
  frameHeadBytes,
  frameKinds,
  NoteFrames,
  type FrameKind,
  type Note,
} from "./store-frames.js";

/** More notes than this are put into their folders' records. */
const noteLimit = 20_000;
/** Bytes that no record needs any more before the file is written anew; also the least, beside what is needed. */
const wasteBytes = 8 * 1024 * 1024;
const loadBytes = 1024 * 1024;

/**
 * What one server remembers of one synchronised folder: a file of frames that is appended to, read by folder, and written
 * anew now and then. In memory are only the places of the frames, one for each folder, and the notes. Only a cache: what
 * is missing or torn costs a second look. One user at a time; calls are synchronous and go to the page cache.
 */
export class FolderStore {
  readonly #file: string;
  #descriptor: number;
  #length = 0;
  #wasted = 0;
  readonly #places = new Map<string, { readonly at: number; readonly length: number }>();
  readonly #notes = new Map<string, Map<string, Note>>();
  #noteCount = 0;
  readonly #unwritten = new NoteFrames();
  /** Read whole, because whoever asks for one entry usually asks for its neighbours next. */
  #lastFolder: { readonly path: string; readonly entries: ReadonlyMap<string, Note> } | undefined;

  private constructor(file: string, descriptor: number) {
    this.#file = file;
    this.#descriptor = descriptor;
  }

  /** Opens the file, or begins an empty one. Frames from the first torn one on are left out. */
  static async open(file: string): Promise<FolderStore> {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const flags = fs.constants.O_RDWR | fs.constants.O_CREAT;
    const store = new FolderStore(file, fs.openSync(file, flags, 0o600));
    await store.#load();
    return store;
  }

  getFolder(folder: string): FolderRecord | undefined {
    const place = this.#places.get(folder);
    if (place === undefined) return undefined;
    const bytes = Buffer.allocUnsafe(place.length);
    if (fs.readSync(this.#descriptor, bytes, 0, place.length, place.at) !== place.length) return undefined;
    return decodeFolderRecord(bytes);
  }

  /** Replaces the record of a folder and with it all notes about what is in it. */
  setFolder(folder: string, record: FolderRecord): void {
    this.#append("folder", folder, encodeFolderRecord(record));
    this.#dropNotes(folder);
  }

  /** Forgets a folder and all below it. */
  forgetTree(folder: string): void {
    this.#dropNotes(folder);
    const record = this.getFolder(folder);
    if (record === undefined) return;
    const reader = new StateReader(record.states);
    for (let state = reader.next(); state !== undefined; state = reader.next()) {
      if (state.kind === "folder") this.forgetTree(joinPath(folder, state.name));
    }
    this.#append("forgotten", folder, Buffer.alloc(0));
  }

  /**
   * Takes what is known of something, and of all below it, along to its new path. A file has another change time by the move,
   * and its inode may have been given out again since: its content is to be read, here, or on both sides where nothing is
   * known of it.
   */
  moveTree(from: string, to: string, state: EntryState): void {
    if (state.kind === "folder") {
      this.moveFolders(from, to);
      this.note(to, { state, known: nothingKnown });
      return;
    }
    const moved = this.find(from);
    if (moved === undefined) return;
    const isFresh = moved.known.contentHash !== undefined;
    const isDoubtful = moved.known.isDoubtful || (state.kind === "file" && !isFresh);
    this.note(to, { state, known: { ...moved.known, isFresh, isDoubtful } });
  }

  /** The same for what is in a folder and below it alone. */
  moveFolders(from: string, to: string): void {
    // Not every folder above one that is known need be known itself.
    for (const folder of new Set([...this.#places.keys(), ...this.#notes.keys()])) {
      if (folder !== from && !isBelow(folder, from)) continue;
      const record = this.getFolder(folder);
      const notes = this.#notes.get(folder);
      const merged = notes === undefined ? record : mergeNotes(record, notes);
      this.#dropNotes(folder);
      if (merged !== undefined) this.setFolder(to + folder.slice(from.length), merged);
      this.#append("forgotten", folder, Buffer.alloc(0));
    }
  }

  /** Remembers what was learnt of one entry; kept over a restart from the next flush on. */
  note(entryPath: string, note: Note): void {
    this.#keepNote(entryPath, note);
    this.#unwritten.add(entryPath, note);
  }

  notesOf(folder: string): ReadonlyMap<string, Note> | undefined {
    return this.#notes.get(folder);
  }

  /** What is known of an entry, whatever its state was then. */
  find(entryPath: string): Note | undefined {
    const folder = parentPath(entryPath);
    const name = leafName(entryPath);
    const noted = this.#notes.get(folder)?.get(name);
    if (noted !== undefined) return noted;
    if (this.#lastFolder?.path !== folder) this.#lastFolder = { path: folder, entries: this.#readEntries(folder) };
    return this.#lastFolder.entries.get(name);
  }

  /** Folders with a record, for people. */
  get folders(): number {
    return this.#places.size;
  }

  /**
   * Puts notes into the records when there are many; undefined when there is nothing to wait for. For whoever notes a whole
   * tree and is the only one to change records meanwhile: what is in memory must not grow with the tree.
   */
  mergeIfMany(): Promise<void> | undefined {
    return this.#noteCount > noteLimit ? this.#mergeAllNotes() : undefined;
  }

  /** Writes the notes; at times puts them into the records, or writes the file anew. */
  async flush(): Promise<void> {
    this.#flushNotes();
    await this.mergeIfMany();
    if (this.#wasted > wasteBytes && this.#wasted > this.#length / 2) await this.#rewrite();
  }

  /** May be called twice; nothing else afterwards. */
  close(): void {
    if (this.#descriptor < 0) return;
    this.#flushNotes();
    fs.closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #readEntries(folder: string): ReadonlyMap<string, Note> {
    const entries = new Map<string, Note>();
    const record = this.getFolder(folder);
    if (record === undefined) return entries;
    const slots = new KnownSlots(record.known);
    const reader = new StateReader(record.states);
    for (let state = reader.next(); state !== undefined; state = reader.next()) {
      entries.set(state.name, { state, known: slots.get(reader.index) });
    }
    return entries;
  }

  #keepNote(entryPath: string, note: Note): void {
    const folder = parentPath(entryPath);
    let notes = this.#notes.get(folder);
    if (notes === undefined) {
      notes = new Map();
      this.#notes.set(folder, notes);
    }
    if (!notes.has(leafName(entryPath))) this.#noteCount += 1;
    notes.set(leafName(entryPath), detached(note));
  }

  #dropNotes(folder: string): void {
    this.#noteCount -= this.#notes.get(folder)?.size ?? 0;
    this.#notes.delete(folder);
  }

  #flushNotes(): void {
    const { bytes } = this.#unwritten;
    if (bytes.length === 0) return;
    this.#write(bytes);
    // Their room is free as soon as their folder's record is written.
    this.#wasted += bytes.length;
    this.#unwritten.clear();
  }

  #append(kind: FrameKind, folder: string, payload: Buffer): void {
    this.#lastFolder = undefined;
    // Behind this frame they would count as newer than it.
    this.#flushNotes();
    const frame = encodeFrame(kind, folder, payload);
    const at = this.#write(frame);
    const before = this.#places.get(folder);
    if (before !== undefined) this.#wasted += before.length + frameHeadBytes;
    if (kind === "forgotten") this.#places.delete(folder);
    else this.#places.set(folder, { at: at + frame.length - payload.length, length: payload.length });
  }

  #write(bytes: Buffer): number {
    const at = this.#length;
    for (let done = 0; done < bytes.length;) {
      done += fs.writeSync(this.#descriptor, bytes, done, bytes.length - done, at + done);
    }
    this.#length += bytes.length;
    return at;
  }

  async #mergeAllNotes(): Promise<void> {
    for (const [folder, notes] of [...this.#notes]) {
      this.setFolder(folder, mergeNotes(this.getFolder(folder), notes));
      await nextTurn();
    }
  }

  async #rewrite(): Promise<void> {
    await this.#mergeAllNotes();
    const temporary = `${this.#file}.new`;
    fs.rmSync(temporary, { force: true });
    const next = new FolderStore(temporary, fs.openSync(temporary, "wx+", 0o600));
    for (const folder of this.#places.keys()) {
      const record = this.getFolder(folder);
      if (record !== undefined) next.#append("folder", folder, encodeFolderRecord(record));
      await nextTurn();
    }
    fs.renameSync(temporary, this.#file);
    fs.closeSync(this.#descriptor);
    this.#descriptor = next.#descriptor;
    this.#length = next.#length;
    this.#wasted = 0;
    this.#places.clear();
    for (const [folder, place] of next.#places) this.#places.set(folder, place);
  }

  async #load(): Promise<void> {
    const { size } = fs.fstatSync(this.#descriptor);
    const buffer = Buffer.allocUnsafe(loadBytes);
    let pending = Buffer.alloc(0);
    for (let read = 0; read < size;) {
      const count = fs.readSync(this.#descriptor, buffer, 0, loadBytes, read);
      if (count === 0) break;
      read += count;
      pending = Buffer.concat([pending, buffer.subarray(0, count)]);
      const taken = this.#takeFrames(pending, size);
      if (taken === undefined) break;
      pending = pending.subarray(taken);
      await nextTurn();
    }
    // What follows would be read as the end of the torn frame.
    fs.ftruncateSync(this.#descriptor, this.#length);
  }

  /** How many bytes were whole frames; undefined at a torn one: its length may be wrong, too, and nothing after it counts. */
  #takeFrames(bytes: Buffer, fileBytes: number): number | undefined {
    let at = 0;
    while (bytes.length - at >= frameHeadBytes) {
      const length = bytes.readUInt32LE(at);
      if (this.#length + frameHeadBytes + length > fileBytes) return undefined;
      if (bytes.length - at < frameHeadBytes + length) break;
      const body = bytes.subarray(at + 8, at + frameHeadBytes + length);
      const kind = frameKinds[body[0] ?? 255];
      if (frameChecksum(body) !== bytes.readUInt32LE(at + 4) || kind === undefined) return undefined;
      const pathEnd = 3 + body.readUInt16LE(1);
      this.#takeFrame(kind, body.toString("utf8", 3, pathEnd), body.subarray(pathEnd));
      at += frameHeadBytes + length;
      this.#length += frameHeadBytes + length;
    }
    return at;
  }

  #takeFrame(kind: FrameKind, name: string, payload: Buffer): void {
    const before = this.#places.get(name);
    switch (kind) {
      case "note": {
        const note = decodeNote(payload);
        if (note !== undefined) this.#keepNote(name, note);
        this.#wasted += payload.length;
        return;
      }
      case "folder": {
        const at = this.#length + frameHeadBytes + Buffer.byteLength(name);
        if (before !== undefined) this.#wasted += before.length;
        this.#places.set(name, { at, length: payload.length });
        this.#dropNotes(name);
        return;
      }
      case "forgotten":
        this.#wasted += before?.length ?? 0;
        this.#places.delete(name);
        this.#dropNotes(name);
    }
  }
}

/** A hash is usually a piece of a whole message, which would stay in memory as long as the note. */
function detached({ state, known }: Note): Note {
  const { contentHash, isFresh, isDoubtful } = known;
  if (contentHash === undefined) return { state, known };
  return { state, known: { contentHash: Buffer.from(contentHash), isFresh, isDoubtful } };
}

/** The state of something that was looked at by its path. */
export function stateOfEntry(entry: ScannedEntry): EntryState {
  return {
    name: leafName(entry.path),
    kind: entry.kind,
    size: entry.size,
    mtimeNs: entry.mtimeNs,
    ctimeNs: entry.ctimeNs,
    ino: entry.ino,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    linkTarget: entry.linkTarget ?? "",
    extended: entry.extended,
    hasTooMuchExtended: entry.hasTooMuchExtended,
  };
}
