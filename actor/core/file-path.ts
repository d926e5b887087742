export type PathSystem = "posix" | "windows";

export type PathVerdict = { readonly isAllowed: true } | { readonly isAllowed: false; readonly because: string };

/** Where deleted and overwritten files go, and where SpareSync keeps its own files, in the root of each folder. */
export const deletedFolder = ".deleted";
export const ownFolder = ".sparesync";

/** PATH_MAX of Linux less room for the root in front. */
export const longestPathBytes = 3500;
/** NAME_MAX of every usual file system. */
const longestNameBytes = 255;
/** Each level costs an open descriptor during a walk. */
export const deepestLevel = 200;

// C0, DEL and C1: they have no place in a name that is shown in logs and terminals.
const controlCharacter = new RegExp("[\\u0000-\\u001f\\u007f-\\u009f]");
const controlCharacters = new RegExp(controlCharacter, "g");
const nonAscii = new RegExp("[^\\u0020-\\u007e]", "g");
/** Half of a pair: such a string has no UTF-8 form. */
const loneSurrogate = /\p{Surrogate}/u;
const dot = ".".charCodeAt(0);
/** Some file systems leave these out when they compare names (HFS+, ext4 with casefold). */
const noWidth = /\p{Default_Ignorable_Code_Point}/gu;
const windowsForbidden = /[<>:"|?*\\]/;
/** A drive, a share or a device by its path, or a part `..` beside a backslash. */
const windowsElsewhere = /^\\|^[a-z]:\\|(^|[\\/])\.\.($|[\\/])/i;
const windowsDevice = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** A name made by Windows for old programs: it may point at a file with another name. */
const windowsShortName = /^[^.]{1,6}~[0-9]{1,6}(\..{0,3})?$/;

const allowed: PathVerdict = { isAllowed: true };

/**
 * Whether a path that came over the link, or is about to go there, may be used at all. Decided before any access to the
 * disk; whether a part of it is a link is decided at the access. The root ("") is not a path of something in the folder.
 */
export function checkFilePath(path: string, system: PathSystem): PathVerdict {
  if (path === "") return refused("it is empty");
  if (loneSurrogate.test(path)) return refused("it cannot be written as UTF-8");
  if (utf8Bytes(path) > longestPathBytes) return refused(`it is longer than ${longestPathBytes} bytes`);
  if (controlCharacter.test(path)) return refused("it holds a control character");
  const names = path.split("/");
  if (names.length > deepestLevel) return refused(`it is deeper than ${deepestLevel} levels`);
  for (const name of names) {
    const because = nameFault(name) ?? (system === "windows" ? windowsFault(name) : undefined);
    if (because !== undefined) return refused(because);
  }
  const first = names[0] ?? "";
  if (isReserved(first)) return refused(`${first} belongs to SpareSync`);
  return allowed;
}

/** The uppermost part of a path that is a fine name elsewhere and none on this system; undefined where it can have them all. */
export function findUnrepresentable(
  path: string,
  system: PathSystem,
): { readonly path: string; readonly because: string } | undefined {
  // The root has no name.
  if (system === "posix" || path === "" || checkFilePath(path, system).isAllowed) return undefined;
  const names = path.split("/");
  for (let count = 1; count <= names.length; count += 1) {
    const part = names.slice(0, count).join("/");
    const verdict = checkFilePath(part, system);
    if (!verdict.isAllowed) return { path: part, because: `name not representable on Windows: ${verdict.because}` };
  }
  return undefined;
}

/**
 * Why nothing with this path may come over the link: no system may have it, or this one would go elsewhere for it. A name that this
 * system merely cannot have is none of these; see findUnrepresentable.
 */
export function checkReceivedPath(path: string, system: PathSystem): PathVerdict {
  const verdict = checkFilePath(path, "posix");
  if (!verdict.isAllowed || system === "posix") return verdict;
  return windowsElsewhere.test(path) ? refused("it leads elsewhere on Windows") : allowed;
}

/**
 * Whether a name in the root of a folder is SpareSync's own, or would be on a system that takes names for one whatever their case, form
 * and characters without a width: it may be the other one that is such a system. Never synchronised.
 */
export function isReserved(name: string): boolean {
  // Of nearly all names the first character is enough.
  const first = name.charCodeAt(0);
  if (first !== dot && first < 128) return false;
  const folded = name.normalize("NFKD").replaceAll(noWidth, "").toUpperCase().toLowerCase();
  return folded === deletedFolder || folded === ownFolder;
}

/** A link is copied word for word, wherever it points; it is never followed. */
export function checkLinkTarget(target: string): PathVerdict {
  if (target === "") return refused("the link points to nothing");
  if (loneSurrogate.test(target) || target.includes("\u0000")) return refused("the link's target is not text");
  return utf8Bytes(target) > 4095 ? refused("the link's target is too long") : allowed;
}

/** Why one name of a path may not be used; undefined when it may. What checkFilePath says of each part, for a walk. */
export function fileNameFault(name: string, system: PathSystem): string | undefined {
  if (loneSurrogate.test(name)) return "it cannot be written as UTF-8";
  if (controlCharacter.test(name)) return "it holds a control character";
  return nameFault(name) ?? (system === "windows" ? windowsFault(name) : undefined);
}

/** A name as people can read it, whatever its bytes: what is not UTF-8 and each control character is written as \\xff. */
export function visibleName(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  const isText = Buffer.from(text, "utf8").equals(bytes);
  if (isText && !controlCharacter.test(text)) return text;
  return (isText ? text : bytes.toString("latin1")).replace(isText ? controlCharacters : nonAscii, (character) =>
    Buffer.from(character, isText ? "utf8" : "latin1")
      .toString("hex")
      .replace(/../g, "\\x$&"),
  );
}

function nameFault(name: string): string | undefined {
  if (name === "") return "it is absolute or has an empty part";
  if (name === "." || name === "..") return `it has the part ${name}`;
  // Only names that can be too long are measured: this runs for every entry of every analysis.
  if (name.length > longestNameBytes / 3 && utf8Bytes(name) > longestNameBytes) {
    return `a name in it is longer than ${longestNameBytes} bytes`;
  }
  return undefined;
}

function windowsFault(name: string): string | undefined {
  if (windowsForbidden.test(name)) return "it holds a character that Windows does not allow";
  if (name.endsWith(".") || name.endsWith(" ")) return "a name in it ends with a dot or a space";
  if (windowsDevice.test(name)) return "it names a device";
  return windowsShortName.test(name) ? "a name in it may be a short name of another file" : undefined;
}

function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

function refused(because: string): PathVerdict {
  return { isAllowed: false, because };
}
