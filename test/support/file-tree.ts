import { createHash } from "node:crypto";
import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** A temporary folder of a test; remove it at its end. */
export function makeTemporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), "sparesync-files-"));
}

/** Writes a file with everything above it. */
export function putFile(root: string, name: string, content: string | Buffer, mode = 0o644): void {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  fs.chmodSync(file, mode);
}

/** No more than this can be set from Node. */
const timeToleranceNs = 2000n;

/** What differs between two trees, one line each, found without any of the product's code; empty when nothing does. */
export function treeDifferences(a: string, b: string): string[] {
  const left = readTree(a);
  const right = readTree(b);
  const differences: string[] = [];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const one = left.get(name);
    const other = right.get(name);
    const apart = (one?.mtimeNs ?? 0n) - (other?.mtimeNs ?? 0n);
    const isSameTime = apart <= timeToleranceNs && apart >= -timeToleranceNs;
    if (one?.text === other?.text && isSameTime) continue;
    const show = (thing: typeof one): string => (thing === undefined ? "nothing" : `${thing.text} ${thing.mtimeNs}`);
    differences.push(`${JSON.stringify(name)}: ${show(one)} | ${show(other)}`);
  }
  return differences;
}

/** Path → kind with mode and content, and the time. SpareSync's own folders are left out. */
function readTree(root: string): Map<string, { readonly text: string; readonly mtimeNs: bigint }> {
  const tree = new Map<string, { text: string; mtimeNs: bigint }>();
  const walk = (folder: string): void => {
    for (const name of fs.readdirSync(folder).sort()) {
      if (folder === root && (name === ".deleted" || name === ".sparesync")) continue;
      const file = path.join(folder, name);
      const stat = fs.lstatSync(file, { bigint: true });
      const mode = (Number(stat.mode) & 0o7777).toString(8);
      let text = "other";
      if (stat.isSymbolicLink()) text = `link to ${fs.readlinkSync(file)}`;
      else if (stat.isDirectory()) text = `folder ${mode}`;
      else if (stat.isFile()) {
        text = `file ${mode} ${createHash("sha256").update(fs.readFileSync(file)).digest("hex")}`;
      }
      tree.set(path.relative(root, file), { text, mtimeNs: stat.mtimeNs });
      if (stat.isDirectory()) walk(file);
    }
  };
  tree.set("", { text: "root", mtimeNs: fs.statSync(root, { bigint: true }).mtimeNs });
  walk(root);
  return tree;
}

/** Relative paths of all files below a folder. */
export function listFiles(root: string): string[] {
  if (!fs.existsSync(root)) return [];
  return fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** A tree with the usual and the unusual: depth, Unicode, spaces, empty things, links, modes, old times. */
export function makeVariedTree(root: string): void {
  putFile(root, "plain.txt", "plain\n");
  putFile(root, "empty", "");
  putFile(root, "folder/inner/deep/er/file.bin", Buffer.from([0, 1, 2, 255]), 0o600);
  putFile(root, "folder/script.sh", "#!/bin/sh\n", 0o755);
  putFile(root, "folder/set-id", "x", 0o2750);
  putFile(root, "with space and 'quotes' \"double\"", "s");
  putFile(root, "ümläut-nfc-\u00e9", "nfc");
  putFile(root, "nfd-e\u0301", "nfd");
  putFile(root, "日本語/🦊.txt", "fox");
  putFile(root, "back\\slash:colon*?<>|", "b");
  putFile(root, "a-b", "sorts between a and a/");
  putFile(root, "a/z", "z");
  putFile(root, "a b/c", "c");
  putFile(root, "n".repeat(255), "long name");
  putFile(root, "sub/.deleted", "a name that is ours only in the root");
  fs.mkdirSync(path.join(root, "empty-folder/in-empty"), { recursive: true });
  fs.symlinkSync("plain.txt", path.join(root, "link-to-file"));
  fs.symlinkSync("../outside/nothing", path.join(root, "link-to-outside"));
  fs.symlinkSync("folder", path.join(root, "link-to-folder"));
  fs.utimesSync(path.join(root, "plain.txt"), 1e9, 1e9 + 0.123456);
  fs.utimesSync(path.join(root, "folder/script.sh"), 1, 1);
  putFile(root, "read-only-folder/file", "r", 0o444);
  fs.utimesSync(path.join(root, "read-only-folder"), 1.5e9, 1.5e9);
  fs.chmodSync(path.join(root, "read-only-folder"), 0o555);
}

/** Removes a tree, read-only folders in it included. */
export function removeTree(root: string): void {
  fs.rmSync(root, { recursive: true, force: true });
}
