import { createHash } from "node:crypto";
import ignore, { type Ignore } from "ignore";

/** What of a folder is synchronised, and what is left alone on both sides as if it were not there. */
export interface FolderRules {
  /** Of a path relative to the folder's root whose parents are not ignored. */
  isIgnored(path: string, isFolder: boolean): boolean;
  /** Larger files are reported instead of copied; Infinity for no limit. */
  readonly largestFileBytes: number;
  /** Equal on both sides, or one of them takes for gone what the other does not look at. */
  readonly digest: string;
}

export interface RuleSettings {
  /** Patterns of gitignore(5), relative to the folder's root; the last one that matches decides. */
  readonly ignore: readonly string[];
  /** 0 for no limit. */
  readonly largestFileBytes: number;
}

/** The library remembers each path that it was asked about: after so many it begins anew, or its memory would be the tree's. */
const remembered = 10_000;

/** The rules of a folder's settings. */
export function createFolderRules({ ignore: patterns, largestFileBytes }: RuleSettings): FolderRules {
  const digest = createHash("sha256").update(JSON.stringify(patterns)).digest("hex").slice(0, 32);
  const matcher = patterns.length === 0 ? undefined : new Matcher(patterns);
  return {
    isIgnored: (path, isFolder) => matcher?.isIgnored(path, isFolder) ?? false,
    largestFileBytes: largestFileBytes === 0 ? Infinity : largestFileBytes,
    digest,
  };
}

/** Everything, whatever its size. */
export const everything: FolderRules = createFolderRules({ ignore: [], largestFileBytes: 0 });

/** The same rules where files stand already: what was copied under another limit is no stranger there. */
export function withoutSizeLimit(rules: FolderRules): FolderRules {
  return { ...rules, largestFileBytes: Infinity };
}

/** Whether as a file or as a folder: of something that is gone nobody knows what it was. */
export function isIgnoredAnyhow(rules: FolderRules, path: string): boolean {
  return rules.isIgnored(path, false) && rules.isIgnored(path, true);
}

class Matcher {
  readonly #patterns: readonly string[];
  #asked = 0;
  #matching: Ignore;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
    this.#matching = compile(patterns);
  }

  isIgnored(path: string, isFolder: boolean): boolean {
    if (path === "") return false;
    this.#asked += 1;
    if (this.#asked % remembered === 0) this.#matching = compile(this.#patterns);
    // Only a folder matches a pattern that ends with a slash.
    return this.#matching.ignores(isFolder ? `${path}/` : path);
  }
}

function compile(patterns: readonly string[]): Ignore {
  // File names differ by case, whatever git on some systems assumes.
  return ignore({ ignorecase: false }).add([...patterns]);
}
