/** One extended attribute (xattr(7)). Names are ASCII wherever they are used; the value is any bytes. */
export interface ExtendedAttribute {
  readonly name: string;
  readonly value: Buffer;
}

/** What the records of both sides hold of one file at most; file systems end at 4 KiB (ext4) to 64 KiB in all. */
export const longestExtended = 60_000;
const headBytes = 3;

/** What Windows keeps of a file beside its content travels as extended attributes of these names. */
const ntfsStart = "ntfs.";
/** Four bytes, little-endian: FILE_ATTRIBUTE_… */
export const ntfsAttributes = `${ntfsStart}attributes`;
/** Eight bytes, little-endian: a FILETIME, in steps of 100 nanoseconds since 1601. */
export const ntfsCreated = `${ntfsStart}created`;

/** Stands for attributes that take more than that. */
export const tooMuchExtended = Symbol("more than longestExtended");
/** What a look at a file says of them: as encodeExtended writes them; undefined where they cannot be had. */
export type ExtendedReading = string | undefined | typeof tooMuchExtended;
/** For people. */
export const tooMuchExtendedText = `its extended attributes take more than ${longestExtended} bytes together and are left alone`;

/** The same as a state or an entry holds it. */
export interface ExtendedFields {
  /** As encodeExtended writes them; absent where they cannot be had or are too much, and of links. */
  readonly extended?: string | undefined;
  readonly hasTooMuchExtended?: true | undefined;
}

export function extendedFields(reading: ExtendedReading): ExtendedFields {
  if (reading === undefined) return {};
  return reading === tooMuchExtended ? { hasTooMuchExtended: true } : { extended: reading };
}

/**
 * Whether attributes of this name are kept. Without the rights of root only those that users make themselves; with them also
 * capabilities, access lists and what programs of root keep. Labels of a security system belong to the policy of one server.
 */
export function isKeptAttribute(name: string, isOwnerKept: boolean): boolean {
  if (name.startsWith("user.") || name.startsWith(ntfsStart)) return true;
  if (!isOwnerKept || name.startsWith("trusted.overlay.")) return false;
  return name.startsWith("trusted.") || name === "security.capability" || name.startsWith("system.posix_acl_");
}

/**
 * Attributes as one text in which each character is a byte, in the order of their names: length of the name (1), of the value
 * (2, little-endian), name, value. Equal texts are equal attributes; "" is none. Undefined when they take too much.
 */
export function encodeExtended(attributes: readonly ExtendedAttribute[]): string | undefined {
  const sorted = [...attributes].sort((a, b) => (a.name < b.name ? -1 : 1));
  let text = "";
  for (const { name, value } of sorted) {
    if (name.length > 255 || value.length > 0xffff) return undefined;
    text += String.fromCharCode(name.length, value.length & 0xff, value.length >> 8) + name + value.toString("latin1");
  }
  return text.length > longestExtended ? undefined : text;
}

/** What encodeExtended wrote; undefined for anything else. */
export function decodeExtended(text: string): readonly ExtendedAttribute[] | undefined {
  const attributes: ExtendedAttribute[] = [];
  for (let at = 0; at < text.length;) {
    const nameEnd = at + headBytes + text.charCodeAt(at);
    const end = nameEnd + text.charCodeAt(at + 1) + text.charCodeAt(at + 2) * 256;
    // Where the head is cut off it is NaN.
    if (Number.isNaN(end) || end > text.length || nameEnd === at + headBytes) return undefined;
    const name = text.slice(at + headBytes, nameEnd);
    if (!/^[!-~]+$/.test(name)) return undefined;
    attributes.push({ name, value: Buffer.from(text.slice(nameEnd, end), "latin1") });
    at = end;
  }
  return attributes;
}

/** Whether they are those of a Windows server: of these every file has some, and no file of another system has any. */
export function isNtfs(text: string): boolean {
  return text.startsWith(ntfsStart, headBytes);
}

/** Whether two files have the same attributes as far as both sides can keep them: a system has no place for those of the other. */
export function isSameExtended(a: string, b: string, isOwnerKept: boolean): boolean {
  if (a === b || isNtfs(a) !== isNtfs(b)) return true;
  if (!isNtfs(a)) return keptExtended(a, isOwnerKept) === keptExtended(b, isOwnerKept);
  const other = new Map(decodeExtended(b)?.map(({ name, value }) => [name, value]));
  // A file system of Windows may have no time of creation.
  return (decodeExtended(a) ?? []).every(({ name, value }) => other.get(name)?.equals(value) !== false);
}

/** Those of the attributes that a pair keeps. */
export function keptExtended(text: string, isOwnerKept: boolean): string {
  if (text === "") return "";
  const kept = decodeExtended(text)?.filter(({ name }) => isKeptAttribute(name, isOwnerKept));
  return kept === undefined ? "" : (encodeExtended(kept) ?? "");
}
