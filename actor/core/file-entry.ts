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
  /** Owner and group by number; absent where the system has none or where they are not kept. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Only of a link: what it points to, word for word. */
  readonly linkTarget?: string | undefined;
  /** Extended attributes as encodeExtended writes them; absent where this side cannot keep any. */
  readonly extended?: string | undefined;
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

export function isAtOrBelow(path: string, place: string): boolean {
  return path === place || isBelow(path, place);
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
 * Times are compared in whole microseconds. Node sets them through a double, which is off by up to 0.3 microseconds today:
 * comparing nanoseconds would find a difference for ever.
 */
export function isSameTime(a: bigint, b: bigint): boolean {
  return wholeMicroseconds(a) === wholeMicroseconds(b);
}

/** Rounded down, also before 1970. */
export function wholeMicroseconds(nanoseconds: bigint): bigint {
  const rest = nanoseconds % 1000n;
  return (nanoseconds - (rest < 0n ? rest + 1000n : rest)) / 1000n;
}

/**
 * The seconds to give to a system call so that what is stored has the same whole microseconds: libuv cuts towards zero, so
 * half a microsecond further away from zero the double's error reaches neither neighbour. Before 1970 as text, because Node
 * takes a negative number for "now". Exact from 1901 to the year 2106; beyond, doubles are too coarse.
 */
export function settableSeconds(nanoseconds: bigint): string | number {
  const micros = Number(wholeMicroseconds(nanoseconds));
  return micros < 0 ? String((micros - 0.5) / 1e6) : (micros + 0.5) / 1e6;
}
