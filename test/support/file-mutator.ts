import * as fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SeededRandom } from "../simulation/seeded-random.js";
import { lengthOfRecords, selfCheckingContent, selfCheckingRecords, versionOf } from "./self-checking-file.js";

/** No more at once than the rules of safety take for an accident. */
const largestShareRemoved = 0.05;
const mostFiles = 400;
const largestRecords = 1500;

/**
 * Changes a folder at random and without end, as a busy application would: every file in it is self-checking at every
 * moment, so that whoever copies one in the middle of a change has either a whole state or has torn it himself.
 */
export class FileMutator {
  readonly #root: string;
  readonly #random: SeededRandom;
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>([""]);
  #names = 0;
  /** How often each kind of change was made: none may stay zero in a long run. */
  readonly counts: Record<string, number> = Object.fromEntries(Object.keys(changes).map((name) => [name, 0]));

  constructor(root: string, random: SeededRandom) {
    this.#root = root;
    this.#random = random;
  }

  /** Makes so many changes, with pauses in which others get to work; ends early when `isOver` says so. */
  async run(operations: number, isOver: () => boolean = () => false): Promise<void> {
    for (let done = 0; done < operations && !isOver(); done += 1) {
      this.step();
      if (this.#random.chance(0.2)) await sleep(Math.floor(this.#random.between(0, 8)));
    }
  }

  /** One change. */
  step(): void {
    // A tree that only shrinks or only grows would soon be a dull one.
    const kind =
      this.#files.size < 20
        ? "create"
        : this.#random.pick(kinds.filter((name) => this.#files.size < mostFiles || !growing.includes(name)));
    changes[kind](this.#tools);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  readonly #tools: Tools = {
    random: { pick: (items) => this.#random.pick(items), between: (low, high) => this.#random.between(low, high) },
    content: () => selfCheckingContent(this.#random, Math.floor(this.#random.between(0, 1) ** 4 * largestRecords)),
    place: (name) => path.join(this.#root, name),
    file: () => this.#random.pick([...this.#files]),
    folder: () => this.#random.pick([...this.#folders]),
    smallFolder: () => this.#smallFolder(),
    freshName: () => {
      this.#names += 1;
      return `n${this.#names}${this.#random.pick(["", " é", ".tmp", "'q'", "日本", "~"])}`;
    },
    added: (name, kind) => (kind === "folder" ? this.#folders : this.#files).add(name),
    removed: (name) => {
      for (const known of [this.#files, this.#folders]) {
        for (const one of known) if (one === name || one.startsWith(`${name}/`)) known.delete(one);
      }
    },
    moved: (from, to) => {
      for (const known of [this.#files, this.#folders]) {
        for (const one of [...known]) {
          if (one !== from && !one.startsWith(`${from}/`)) continue;
          known.delete(one);
          known.add(to + one.slice(from.length));
        }
      }
    },
  };

  #smallFolder(): string | undefined {
    const most = Math.max(1, this.#files.size * largestShareRemoved);
    const small = [...this.#folders].filter((folder) => {
      if (folder === "") return false;
      return [...this.#files].filter((file) => file.startsWith(`${folder}/`)).length <= most;
    });
    return small.length === 0 ? undefined : this.#random.pick(small);
  }
}

interface Tools {
  readonly random: { pick<Item>(items: readonly Item[]): Item; between(low: number, high: number): number };
  readonly content: () => Buffer;
  readonly place: (name: string) => string;
  readonly file: () => string;
  readonly folder: () => string;
  readonly smallFolder: () => string | undefined;
  readonly freshName: () => string;
  readonly added: (name: string, kind: "file" | "folder") => void;
  readonly removed: (name: string) => void;
  readonly moved: (from: string, to: string) => void;
}

const changes = {
  create: (tools: Tools): void => {
    const name = path.join(tools.folder(), tools.freshName());
    fs.writeFileSync(tools.place(name), tools.content());
    tools.added(name, "file");
  },
  "make-folder": (tools: Tools): void => {
    const name = path.join(tools.folder(), tools.freshName());
    if (name.split("/").length > 6) return;
    fs.mkdirSync(tools.place(name));
    tools.added(name, "folder");
  },
  /** Empty for a moment, then a beginning of the new content: both whole. */
  rewrite: (tools: Tools): void => {
    const file = tools.file();
    if (isFile(tools, file)) fs.writeFileSync(tools.place(file), tools.content());
  },
  /** As careful programs write. */
  replace: (tools: Tools): void => {
    const file = tools.file();
    const temporary = tools.place(path.join(path.dirname(file), tools.freshName()));
    fs.writeFileSync(temporary, tools.content());
    fs.renameSync(temporary, tools.place(file));
  },
  append: (tools: Tools): void => {
    const file = tools.file();
    if (!isFile(tools, file)) return;
    const there = versionOf(fs.readFileSync(tools.place(file)));
    if (there === undefined || there.records > largestRecords) return;
    fs.appendFileSync(tools.place(file), selfCheckingRecords(there.version, there.records, 3));
  },
  truncate: (tools: Tools): void => {
    const file = tools.file();
    if (!isFile(tools, file)) return;
    const there = versionOf(fs.readFileSync(tools.place(file)));
    fs.truncateSync(tools.place(file), lengthOfRecords(Math.floor(tools.random.between(0, there?.records ?? 0))));
  },
  rename: (tools: Tools): void => {
    const [from, to] = [tools.file(), path.join(tools.folder(), tools.freshName())];
    fs.renameSync(tools.place(from), tools.place(to));
    tools.moved(from, to);
  },
  /** Over another file: one name goes, the other has new content. */
  "rename-over": (tools: Tools): void => {
    const [from, to] = [tools.file(), tools.file()];
    if (from === to) return;
    fs.renameSync(tools.place(from), tools.place(to));
    tools.removed(from);
  },
  "rename-folder": (tools: Tools): void => {
    const from = tools.smallFolder();
    const into = tools.folder();
    if (from === undefined || into === from || into.startsWith(`${from}/`)) return;
    const to = path.join(into, tools.freshName());
    fs.renameSync(tools.place(from), tools.place(to));
    tools.moved(from, to);
  },
  remove: (tools: Tools): void => {
    const file = tools.file();
    fs.unlinkSync(tools.place(file));
    tools.removed(file);
  },
  "remove-folder": (tools: Tools): void => {
    const folder = tools.smallFolder();
    if (folder === undefined) return;
    fs.rmSync(tools.place(folder), { recursive: true });
    tools.removed(folder);
  },
  "file-to-folder": (tools: Tools): void => {
    const name = tools.file();
    fs.unlinkSync(tools.place(name));
    fs.mkdirSync(tools.place(name));
    fs.writeFileSync(tools.place(path.join(name, "inner")), tools.content());
    tools.removed(name);
    tools.added(name, "folder");
    tools.added(path.join(name, "inner"), "file");
  },
  "folder-to-file": (tools: Tools): void => {
    const name = tools.smallFolder();
    if (name === undefined) return;
    fs.rmSync(tools.place(name), { recursive: true });
    fs.writeFileSync(tools.place(name), tools.content());
    tools.removed(name);
    tools.added(name, "file");
  },
  "file-to-link": (tools: Tools): void => {
    const name = tools.file();
    fs.unlinkSync(tools.place(name));
    fs.symlinkSync(tools.random.pick(["nowhere", "..", "/etc/passwd", tools.file()]), tools.place(name));
  },
  "change-mode": (tools: Tools): void => {
    const name = tools.random.pick([tools.file(), tools.folder()]);
    if (name === "" || fs.lstatSync(tools.place(name)).isSymbolicLink()) return;
    fs.chmodSync(tools.place(name), tools.random.pick([0o700, 0o755, 0o750]));
  },
  "change-time": (tools: Tools): void => {
    const seconds = Math.floor(tools.random.between(1, 2e9));
    fs.lutimesSync(tools.place(tools.file()), seconds, seconds);
  },
};

type Kind = keyof typeof changes;
const kinds = Object.keys(changes) as Kind[];
const growing: readonly Kind[] = ["create", "make-folder", "file-to-folder"];

/** A name that was a file may have become a link. */
function isFile(tools: Tools, name: string): boolean {
  return fs.lstatSync(tools.place(name)).isFile();
}
