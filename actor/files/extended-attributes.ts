import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import {
  decodeExtended,
  encodeExtended,
  isKeptAttribute,
  isNtfs,
  tooMuchExtended,
  type ExtendedAttribute,
  type ExtendedReading,
} from "../core/extended-attributes.js";
import { NtfsAttributes } from "./ntfs-attributes.js";
import { systemCalls, type LinkUse, type SystemCalls } from "./system-calls.js";
import { windowsCalls } from "./windows-calls.js";

const nothing: readonly string[] = [];
const ntfs = windowsCalls === undefined ? undefined : new NtfsAttributes(windowsCalls);

/** The file system has none, they may not be read, or nothing stands there any more: the look at it says what. */
const withoutAttributes: ReadonlySet<string | undefined> = new Set([
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOENT",
  "ELOOP",
  "EPERM",
  "EACCES",
]);

/** More names, or a larger value, than the system itself gives out in one answer (listxattr(2), getxattr(2)). */
const tooLong: ReadonlySet<string | undefined> = new Set(["E2BIG", "ERANGE"]);

/** The extended attributes of a file or folder; on Windows what that has in their place. */
export function readExtended(place: string, links: LinkUse = "no-follow"): ExtendedReading {
  if (ntfs !== undefined) return ntfs.read(place);
  if (systemCalls === undefined) return undefined;
  try {
    const names = systemCalls.listAttributes(place, links);
    if (names.length === 0) return "";
    const attributes: ExtendedAttribute[] = [];
    for (const name of names.toString("latin1").split("\0")) {
      if (name === "" || !isKeptAttribute(name, true)) continue;
      const value = systemCalls.getAttribute(place, name, links);
      if (value !== undefined) attributes.push({ name, value });
    }
    return encodeExtended(attributes) ?? tooMuchExtended;
  } catch (error) {
    if (tooLong.has(errorCode(error))) return tooMuchExtended;
    if (withoutAttributes.has(errorCode(error))) return undefined;
    throw error;
  }
}

/** Of a file that is open: its place is used only where a descriptor cannot stand for the file. */
export function readExtendedOpen(descriptor: number, place: string): ExtendedReading {
  return readExtended(placeOf(descriptor, place), "follow");
}

/** As writeExtended, of a file that is open. */
export function writeExtendedOpen(
  descriptor: number,
  place: string,
  extended: string,
  isOwnerKept: boolean,
): readonly string[] {
  return writeExtended(placeOf(descriptor, place), extended, isOwnerKept);
}

/**
 * What a rename has changed of them: NTFS gives a name that comes back within 15 seconds the time of creation that it had
 * ("tunneling", support.microsoft.com/kb/172190). Elsewhere nothing.
 */
export function restoreAfterRename(place: string, extended: string | undefined): readonly string[] {
  return ntfs === undefined || extended === undefined ? nothing : writeNtfs(ntfs, place, extended);
}

function placeOf(descriptor: number, place: string): string {
  return ntfs === undefined ? `/proc/self/fd/${descriptor}` : place;
}

/**
 * Gives what is open (`place`: /proc/self/fd/<n>) these attributes and takes away others of the kinds that are kept. Nothing happens where they cannot be
 * had. Returns which could not be set or taken away, for people. Throws the system's error of a disk that fails.
 */
export function writeExtended(place: string, extended: string, isOwnerKept: boolean): readonly string[] {
  if (ntfs !== undefined) return writeNtfs(ntfs, place, extended);
  const now = readExtended(place, "follow");
  const wanted = decodeExtended(extended);
  if (systemCalls === undefined || typeof now !== "string" || wanted === undefined || now === extended) return nothing;
  // Those of Windows have no place here; without this all that the file has would be taken for too much.
  if (isNtfs(extended) !== isNtfs(now)) return nothing;
  const unset: string[] = [];
  const before = new Map(decodeExtended(now)?.map(({ name, value }) => [name, value]));
  for (const { name, value } of wanted) {
    if (!isKeptAttribute(name, isOwnerKept)) continue;
    if (before.get(name)?.equals(value) !== true) setAttribute(systemCalls, place, { name, value }, unset);
    before.delete(name);
  }
  for (const name of before.keys()) {
    if (isKeptAttribute(name, isOwnerKept)) removeAttribute(systemCalls, place, name, unset);
  }
  return unset;
}

/** ENOSPC says that the attributes of one file are too large for the file system, not that the disk is full. */
function setAttribute(calls: SystemCalls, place: string, { name, value }: ExtendedAttribute, unset: string[]): void {
  try {
    calls.setAttribute(place, name, value);
  } catch (error) {
    if (isOfDisk(error)) throw error;
    unset.push(`The extended attribute ${name} (${value.length} bytes) cannot be set: ${errorMessage(error)}.`);
  }
}

function removeAttribute(calls: SystemCalls, place: string, name: string, unset: string[]): void {
  try {
    calls.removeAttribute(place, name);
  } catch (error) {
    if (isOfDisk(error)) throw error;
    unset.push(`The extended attribute ${name} cannot be taken away: ${errorMessage(error)}.`);
  }
}

function writeNtfs(attributes: NtfsAttributes, place: string, extended: string): readonly string[] {
  try {
    attributes.write(place, extended);
    return nothing;
  } catch (error) {
    if (errorCode(error) !== "FILE_FAILED") throw error;
    return [errorMessage(error)];
  }
}

function isOfDisk(error: unknown): boolean {
  return errorCode(error) === "EIO" || errorCode(error) === "EROFS";
}
