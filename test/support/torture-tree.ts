import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { systemCalls } from "../../actor/files/system-calls.js";
import { errorCode } from "../../shared/core/app-error.js";
import { SeededRandom } from "../simulation/seeded-random.js";

/** One kind of thing that a file share can hold and that programs that copy have been seen to get wrong. */
export type TortureFeature = keyof typeof features;

interface Place {
  readonly root: string;
  readonly random: SeededRandom;
}

/** Makes things of these kinds in a folder, the same ones for the same seed. */
export function makeTortureTree(root: string, seed: number, wanted: readonly TortureFeature[]): void {
  const random = new SeededRandom(seed);
  for (const feature of wanted) {
    const own = path.join(root, feature);
    fs.mkdirSync(own, { recursive: true });
    features[feature]({ root: own, random });
  }
  // Last of all: everything above has changed the times of the folders.
  for (const feature of wanted) setTime(path.join(root, feature), between(random, 1, 2_000_000_000));
}

const features = {
  /** Every character but NUL and "/" is legal; and two names may look the same on a screen. */
  characters: ({ root, random }: Place): void => {
    const names = [
      ...[
        " ",
        "  leading",
        "trailing ",
        "trailing.",
        "...",
        ".hidden",
        "-n",
        "--delete",
        "~",
        "*",
        "?",
        "[a]",
        "{b,c}",
      ],
      ...[
        "'",
        '"',
        "`",
        "back\\slash",
        "\\",
        "$(id)",
        "${HOME}",
        "a;b",
        "a&b",
        "a|b",
        "<x>",
        "#",
        "%00",
        "%2F",
        "!",
        ":",
      ],
      ...["CON", "nul.txt", "a:b", "PROGRA~1", "@eaDir", "sparesync", ".sparesync-not", ".deleted-not"],
      ...["\u00e9", "e\u0301", "\u212b", "\u00c5", "A\u030a", "\ufb01", "fi", "\u1e9e", "ß", "İ", "i", "ı", "I"],
      ...["日本語", "한국어", "각".normalize("NFD"), "עברית", "العربية", "\u202egnp.exe", "\u200b", "\u00a0", "\ufeff"],
      ...["🦊", "👩‍👩‍👧‍👦", "🇩🇪", "\u{10ffff}", "\u{1f1e6}\u{e0061}", "\uffff", "z̸̡̛͙"],
      ...["Case", "case", "CASE", "Straße", "STRASSE", "a/A/a", "A/a"].map((name) => path.join("cases", name)),
    ];
    for (const name of names) put({ root, random }, name);
    for (let count = 0; count < 60; count += 1) put({ root, random }, randomName(random));
  },
  /** NAME_MAX is counted in bytes. */
  "long-names": ({ root, random }: Place): void => {
    for (const name of ["n".repeat(255), "é".repeat(127), "日".repeat(85), "🦊".repeat(63), "e\u0301".repeat(85)]) {
      put({ root, random }, name);
      put({ root, random }, path.join(`in-${name.length}`, name, name));
    }
  },
  /** Near PATH_MAX with the root in front. */
  "long-paths": ({ root, random }: Place): void => {
    let deep = root;
    while (deep.length - root.length < 2900) deep = path.join(deep, `d${"eep".repeat(30)}`);
    put({ root: deep, random }, "bottom");
    put({ root: path.join(root, ...Array.from({ length: 150 }, () => "l")), random }, "bottom");
  },
  links: ({ root, random }: Place): void => {
    put({ root, random }, "file");
    put({ root, random }, "folder/file");
    const targets = {
      "to-file": "file",
      "to-folder": "folder",
      "to-nothing": "nothing",
      "to-itself": "to-itself",
      "to-each": "other-to-each",
      "other-to-each": "to-each",
      "to-parent": "..",
      "to-outside": "../../../../../../etc/passwd",
      "to-absolute": "/etc",
      "to-deleted": "../.deleted",
      "with odd 'name' \\ 🦊": "a\nb\tc\u0007",
      "to-long": "x".repeat(4000),
      "folder/to-cycle": "../folder",
    };
    for (const [name, target] of Object.entries(targets)) fs.symlinkSync(target, path.join(root, name));
    for (const name of Object.keys(targets)) fs.lutimesSync(path.join(root, name), 1e9, between(random, 1, 2e9));
  },
  /** Kept as files of their own. */
  "hard-links": ({ root, random }: Place): void => {
    put({ root, random }, "one");
    for (const name of ["two", "three"]) fs.linkSync(path.join(root, "one"), path.join(root, name));
  },
  sizes: ({ root, random }: Place): void => {
    const edges = [
      0,
      1,
      4095,
      4096,
      4097,
      65_535,
      65_536,
      65_537,
      1 << 20,
      (1 << 20) + 1,
      (4 << 20) - 1,
      (4 << 20) + 1,
    ];
    for (const size of edges) fs.writeFileSync(path.join(root, String(size)), randomBytes(random, size));
  },
  sparse: ({ root }: Place): void => {
    const file = fs.openSync(path.join(root, "holes"), "w");
    for (const offset of [0, 3 << 20, (9 << 20) + 123]) fs.writeSync(file, "data", offset);
    fs.ftruncateSync(file, 12 << 20);
    fs.closeSync(file);
    fs.writeFileSync(path.join(root, "nothing-but-a-hole"), "");
    fs.truncateSync(path.join(root, "nothing-but-a-hole"), 8 << 20);
    fs.writeFileSync(path.join(root, "zeros"), Buffer.alloc(1 << 20));
  },
  modes: ({ root, random }: Place): void => {
    for (const mode of [0o000, 0o200, 0o400, 0o444, 0o555, 0o600, 0o777, 0o1644, 0o2755, 0o4755, 0o6711]) {
      const name = mode.toString(8);
      put({ root, random }, name);
      put({ root, random }, `folder-${name}/file`);
      for (const one of [name, `folder-${name}`]) fs.chmodSync(path.join(root, one), mode);
    }
  },
  times: ({ root, random }: Place): void => {
    const seconds = [0, 1, 0.000001, 999_999_999.999999, 1e9 + 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 13_569_465_600];
    for (const [index, second] of seconds.entries()) {
      put({ root, random }, `file-${index}`);
      put({ root, random }, `folder-${index}/file`);
      for (const kind of ["file", "folder"]) setTime(path.join(root, `${kind}-${index}`), second);
    }
  },
  "empty-folders": ({ root }: Place): void => {
    fs.mkdirSync(path.join(root, "a/b/c"), { recursive: true });
    fs.mkdirSync(path.join(root, "d"));
  },
  /** Written before 1970, which a clock that was never set does. */
  "early-times": ({ root, random }: Place): void => {
    for (const [name, second] of [
      ["before-the-epoch", "-1.5"],
      ["long-before", "-1000000000"],
    ] as const) {
      put({ root, random }, name);
      execFileSync("touch", ["-d", `@${second}`, path.join(root, name)]);
    }
  },
  /** Legal on Linux; an old share, an archive from elsewhere, a broken program leave them. */
  "not-utf8": ({ root, random }: Place): void => {
    const names = [
      Buffer.from([0xff, 0xfe]),
      Buffer.from("caf\xe9", "latin1"),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from([0x80]),
      Buffer.concat([Buffer.from("mixed é "), Buffer.from([0xe9])]),
    ];
    for (const name of names) {
      const file = Buffer.concat([Buffer.from(`${root}/`), name]);
      fs.writeFileSync(file, randomBytes(random, 100));
      const folder = Buffer.concat([Buffer.from(`${root}/in-`), name]);
      fs.mkdirSync(folder);
      fs.writeFileSync(Buffer.concat([folder, Buffer.from("/file")]), "in it");
    }
  },
  /** They may stand in a name, and a name with them may look like several lines of a log. */
  "control-characters": ({ root, random }: Place): void => {
    for (const name of ["new\nline", "tab\tbed", "\u001b[31mred", "bell\u0007", "\u007f", "\r"])
      put({ root, random }, name);
  },
  /** Devices, sockets, FIFOs are no content. */
  special: ({ root, random }: Place): void => {
    execFileSync("mkfifo", [path.join(root, "fifo")]);
    const socket = createServer().listen(path.join(root, "socket"));
    socket.unref();
    put({ root, random }, "beside.txt");
  },
  owners: ({ root, random }: Place): void => {
    for (const [name, owner] of [
      ["nobody", 65_534],
      ["unknown", 123_456],
    ] as const) {
      put({ root, random }, name);
      put({ root, random }, `folder-${name}/file`);
      fs.symlinkSync("x", path.join(root, `link-${name}`));
      for (const one of [name, `folder-${name}`, `link-${name}`]) fs.lchownSync(path.join(root, one), owner, owner);
    }
  },
  "extended-attributes": ({ root, random }: Place): void => {
    for (const name of ["file", "folder/file"]) put({ root, random }, name);
    for (const name of ["file", "folder"]) {
      const place = path.join(root, name);
      setAttribute(place, "user.sparesync.test", Buffer.from("é with spaces"));
      setAttribute(place, "user.binary", Buffer.from("00ff80", "hex"));
    }
  },
};

/** Not every file system has attributes; then there are none to keep. */
function setAttribute(place: string, name: string, value: Buffer): void {
  try {
    systemCalls?.setAttribute(place, name, value);
  } catch (error) {
    if (errorCode(error) !== "ENOTSUP" && errorCode(error) !== "EOPNOTSUPP") throw error;
  }
}

export const tortureFeatures = Object.keys(features) as readonly TortureFeature[];

function put({ root, random }: Place, name: string): void {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, randomBytes(random, Math.floor(random.between(0, 300))));
  setTime(file, between(random, 1, 2_000_000_000));
}

/** Pieces of names that a normalisation, a shell, a pattern or a length would change. */
const pieces = [
  "a",
  "Z",
  "é",
  "e\u0301",
  "ü",
  "日",
  "🦊",
  " ",
  ".",
  "-",
  "'",
  '"',
  "\\",
  "*",
  "[",
  "]",
  "\u200d",
  "ﬀ",
  "ς",
];

function randomName(random: SeededRandom): string {
  const length = 1 + Math.floor(random.between(0, 12));
  return `r-${random.id().slice(0, 4)}${Array.from({ length }, () => random.pick(pieces)).join("")}`;
}

function randomBytes(random: SeededRandom, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let place = 0; place + 4 <= length; place += 4) bytes.writeUInt32LE(Math.floor(random.next() * 2 ** 32), place);
  return bytes;
}

function between(random: SeededRandom, low: number, high: number): number {
  return Math.floor(random.between(low, high) * 1e6) / 1e6;
}

function setTime(file: string, seconds: number): void {
  fs.utimesSync(file, seconds, seconds);
}
