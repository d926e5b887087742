import { readdirSync, readFileSync } from "node:fs";
import { posix, resolve } from "node:path";

/** The project's folder; the tests run compiled, in dist/test/structure. */
export const root = resolve(import.meta.dirname, "../../..");

/** Not part of the project: fetched, generated, or another tool's. */
const foreign = new Set(["node_modules", "dist", ".git", ".cache"]);

/** All files of the project as paths from its root, with forward slashes, sorted. */
export const allFiles: readonly string[] = [...walk("")].sort();

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(resolve(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (foreign.has(entry.name)) continue;
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

export const sourceFiles: readonly string[] = allFiles.filter((file) => file.endsWith(".ts"));

export function read(file: string): string {
  return readFileSync(resolve(root, file), "utf8");
}

export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

export interface Import {
  readonly from: string;
  /** A path from the root for the project's own files, else the name of the package. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const importStatement =
  /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]*?\s+from\s+)?"([^"]+)"|(?:\bimport|\bcreateRequire\(import\.meta\.url\))\(\s*"([^"]+)"\s*\)/gm;

/** The imports of a file, read from its text; dynamic ones and what is required where it may be missing count as well. */
export function importsOf(file: string): readonly Import[] {
  return [...read(file).matchAll(importStatement)].map(([, type, name, dynamicName]) => {
    const target = name ?? dynamicName ?? "";
    const to = target.startsWith(".") ? posix.join(posix.dirname(file), target).replace(/\.js$/, ".ts") : target;
    return { from: file, to, isTypeOnly: type !== undefined };
  });
}

export const allImports: readonly Import[] = sourceFiles.flatMap(importsOf);
