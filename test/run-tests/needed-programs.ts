import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

/** A real server or tool that tests start: how it is called, how Debian packages it, where else it comes from. */
export interface NeededProgram {
  readonly name: string;
  readonly debianPackage: string;
  readonly elsewhere: string;
  /** Folders beside the PATH in which it may stand; `*` stands for any one folder. */
  readonly folders?: readonly string[];
  /** It does what the tests want of it for root only. */
  readonly needsRoot?: true;
}

/** One line per program. A test file needs a program when it, or a test file it imports, has its name in quotes. */
export const neededPrograms: readonly NeededProgram[] = [
  { name: "named", debianPackage: "bind9", elsewhere: "BIND 9, https://www.isc.org/bind/", folders: ["/usr/sbin"] },
  { name: "dig", debianPackage: "bind9-dnsutils", elsewhere: "BIND 9, https://www.isc.org/bind/" },
  { name: "nsupdate", debianPackage: "bind9-dnsutils", elsewhere: "BIND 9, https://www.isc.org/bind/" },
  { name: "etcd", debianPackage: "etcd-server", elsewhere: "https://etcd.io/docs/latest/install/" },
  {
    name: "postgres",
    debianPackage: "postgresql",
    elsewhere: "PostgreSQL, https://www.postgresql.org/download/",
    folders: ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"],
  },
  { name: "prometheus", debianPackage: "prometheus", elsewhere: "https://prometheus.io/download/" },
  { name: "promtool", debianPackage: "prometheus", elsewhere: "https://prometheus.io/download/" },
  {
    name: "prometheus-alertmanager",
    debianPackage: "prometheus-alertmanager",
    elsewhere: "https://prometheus.io/download/ (the program `alertmanager` under this name)",
  },
  { name: "rsync", debianPackage: "rsync", elsewhere: "https://rsync.samba.org/" },
  {
    name: "chromium",
    debianPackage: "chromium",
    elsewhere: "https://www.chromium.org/getting-involved/download-chromium/",
  },
  {
    name: "nft",
    debianPackage: "nftables",
    elsewhere: "https://netfilter.org/; the tests with networks of their own run as root",
    folders: ["/usr/sbin"],
    needsRoot: true,
  },
  {
    name: "ip",
    debianPackage: "iproute2",
    elsewhere: "https://wiki.linuxfoundation.org/networking/iproute2",
    folders: ["/usr/sbin"],
  },
  {
    name: "libfaketime.so.1",
    debianPackage: "libfaketime",
    elsewhere: "https://github.com/wolfcw/libfaketime",
    folders: ["/usr/lib/*/faketime", "/usr/local/lib/faketime"],
  },
  { name: "amtool", debianPackage: "prometheus-alertmanager", elsewhere: "https://prometheus.io/download/" },
];

/** Whether it is not there, or of no use to this user. */
export function isMissing(program: NeededProgram, userId = process.getuid?.()): boolean {
  return findProgram(program) === undefined || (program.needsRoot === true && userId !== 0);
}

/** Where a program stands on this machine; undefined when it is missing. */
export function findProgram(program: NeededProgram, path = process.env["PATH"] ?? ""): string | undefined {
  const folders = [...path.split(delimiter), ...(program.folders ?? []).flatMap(expandFolder)];
  return folders.map((folder) => join(folder, program.name)).find((file) => existsSync(file));
}

function expandFolder(pattern: string): string[] {
  const parts = pattern.split("/").slice(1);
  let found = ["/"];
  for (const part of parts) {
    const form = new RegExp(`^${part.split("*").map(escapeText).join(".*")}$`);
    found = found.flatMap((folder) => (part.includes("*") ? matching(folder, form) : [join(folder, part)]));
  }
  return found;
}

function escapeText(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}

function matching(folder: string, form: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => form.test(name))
    .map((name) => join(folder, name));
}

const relativeImport = /from "(\.{1,2}\/[^"]+)\.js"/g;

/** The programs that a test file needs, found in its text and in that of the test files it imports. */
export function programsNeededBy(testFile: string, root: string): readonly NeededProgram[] {
  const text = [...textsOf(resolve(root, testFile), join(root, "test"), new Set())].join("\n");
  return neededPrograms.filter((program) => new RegExp(`["'\`/]${program.name}["'\`]`).test(text));
}

function* textsOf(file: string, testFolder: string, seen: Set<string>): Generator<string> {
  if (seen.has(file) || !file.startsWith(testFolder) || !existsSync(file)) return;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  yield text;
  for (const [, imported] of text.matchAll(relativeImport)) {
    yield* textsOf(`${resolve(dirname(file), imported ?? "")}.ts`, testFolder, seen);
  }
}
