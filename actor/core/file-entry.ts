/** What stands at one path. `other` is a device, a socket or a FIFO: reported and never copied. */
export type FileKind = "file" | "folder" | "link" | "other";

/** One thing in a folder, as both sides describe it. The path is relative, parts separated by "/"; "" is the root. */
export interface FileEntry {
  readonly path: string;
  readonly kind: FileKind;
  readonly size: number;
  readonly mtimeNs: bigint;
  /** The lower twelve bits of st_mode; without meaning for links. */
  readonly mode: number;
  /** Only of a link: what it points to, word for word. */
  readonly linkTarget?: string;
}

/**
 * Order of a walk: a folder before what is in it, siblings by code unit. Names hold no NUL, so comparing with NUL in
 * place of the separator compares part by part ("a/z" before "a-b", although "-" sorts before "/").
 */
export function comparePaths(a: string, b: string): number {
  const left = a.replaceAll("/", "\u0000");
  const right = b.replaceAll("/", "\u0000");
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function isBelow(path: string, folder: string): boolean {
  if (folder === "") return path !== "";
  return path.length > folder.length && path.startsWith(folder) && path.charAt(folder.length) === "/";
}

/** The folder a path stands in; "" for what stands in the root. */
export function parentPath(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut < 0 ? "" : path.slice(0, cut);
}

/** The last part of a path. */
export function leafName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function joinPath(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/**
 * Node sets times through a double, which misses by up to 1.2 microseconds (measured): comparing exactly would copy
 * everything again for ever.
 */
const mtimeToleranceNs = 2000n;

export function isSameTime(a: bigint, b: bigint): boolean {
  const difference = a > b ? a - b : b - a;
  return difference <= mtimeToleranceNs;
}
