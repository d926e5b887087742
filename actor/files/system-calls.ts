import { createRequire } from "node:module";
import { endianness } from "node:os";
import { getSystemErrorName } from "node:util";
import type koffi from "koffi";

/** A path as text, or as bytes with a NUL behind them: not every name is text. */
export type NativePath = string | Buffer;

/** `follow`: for /proc/self/fd/<n>, which is a link to what is open. */
export type LinkUse = "follow" | "no-follow";

/** What Linux has and Node has no call for. All are synchronous, as the calls of `node:fs` beside them are. */
export interface SystemCalls {
  /**
   * statx(2) of a name in an open folder, links not followed, without the objects that Node makes of each answer: a third of
   * its cost. Writes the structure into `into`; returns the error's number, 0 when there is none.
   */
  readonly statInto: (descriptor: number, name: NativePath, into: Buffer) => number;
  /** The same of what is open. */
  readonly statOpenInto: (descriptor: number, into: Buffer) => number;
  /**
   * openat(2) of a name in an open folder, close-on-exec; `flags` and `mode` as of open(2). Below 0 when it did not work: Node's
   * own call says why.
   */
  readonly openIn: (descriptor: number, name: string, flags: number, mode: number) => number;
  /**
   * renameat2(2) from one open folder into another, only where nothing stands yet. Returns the error's number, 0 when there is
   * none: 17 (EEXIST) when something stands there, others also where kernel or file system do not know the call.
   */
  readonly renameNew: (from: number, name: string, to: number, newName: string) => number;
  /** listxattr(2): the names with a NUL behind each. Throws with the system's code. */
  readonly listAttributes: (path: NativePath, links: LinkUse) => Buffer;
  /** getxattr(2); undefined when there is none of that name. */
  readonly getAttribute: (path: NativePath, name: string, links: LinkUse) => Buffer | undefined;
  /** setxattr(2): follows a link, so that it can be given /proc/self/fd/<n>. */
  readonly setAttribute: (path: NativePath, name: string, value: Buffer) => void;
  /** removexattr(2); nothing happens when there is none of that name. */
  readonly removeAttribute: (path: NativePath, name: string) => void;
}

/** Of `struct statx`. */
export const statBytes = 256;
const noFollow = 0x100;
/** AT_EMPTY_PATH: the descriptor itself. */
const isSelf = 0x1000;
const closeOnExec = 0o2000000;
/** RENAME_NOREPLACE. */
const keepsOther = 1;
/** ENOSYS. */
const noSuchCall = 38;
/** STATX_BASIC_STATS. */
const basicStats = 0x7ff;
/** XATTR_LIST_MAX and XATTR_SIZE_MAX. */
const longestAnswer = 65536;
const noSuchAttribute = "ENODATA";
const noAttributes = Buffer.alloc(0);

/** Undefined on other systems than Linux, and where the package has no library for the processor. Structures are read as little-endian. */
export const systemCalls: SystemCalls | undefined =
  process.platform === "linux" && endianness() === "LE" ? loadCalls() : undefined;

function loadCalls(): SystemCalls | undefined {
  try {
    // Not imported: where the library is missing the import itself would fail, and with it the actor.
    return bindCalls(createRequire(import.meta.url)("koffi") as typeof koffi);
  } catch {
    return undefined;
  }
}

function bindCalls({ load, errno }: typeof koffi): SystemCalls {
  // What this process has loaded already, whichever C library that is.
  const library = load(null);
  const statx = library.func("int statx(int, const char *, int, unsigned int, _Out_ uint8_t *)") as Call;
  const openat = library.func("int openat(int, const char *, int, unsigned int)") as Call;
  const renameat2 = bindIfThere(() =>
    library.func("int renameat2(int, const char *, int, const char *, unsigned int)"),
  );
  const [list, get] = [{}, {}] as [Record<LinkUse, Call>, Record<LinkUse, Call>];
  for (const [use, letter] of [
    ["follow", ""],
    ["no-follow", "l"],
  ] as const) {
    list[use] = library.func(`int64_t ${letter}listxattr(const char *, _Out_ uint8_t *, size_t)`) as Call;
    get[use] = library.func(`int64_t ${letter}getxattr(const char *, const char *, _Out_ uint8_t *, size_t)`) as Call;
  }
  const set = library.func("int setxattr(const char *, const char *, const uint8_t *, size_t, int)") as Call;
  const remove = library.func("int removexattr(const char *, const char *)") as Call;
  const answer = Buffer.alloc(longestAnswer);
  const failure = (call: string): Error & { readonly code: string } => {
    const code = getSystemErrorName(-errno());
    return Object.assign(new Error(`${code}: ${call}`), { code });
  };
  return {
    statInto: (descriptor, name, into) => (statx(descriptor, name, noFollow, basicStats, into) === 0 ? 0 : errno()),
    statOpenInto: (descriptor, into) => (statx(descriptor, "", isSelf, basicStats, into) === 0 ? 0 : errno()),
    openIn: (descriptor, name, flags, mode) => Number(openat(descriptor, name, flags | closeOnExec, mode)),
    renameNew: (from, name, to, newName) => {
      if (renameat2 === undefined) return noSuchCall;
      return renameat2(from, name, to, newName, keepsOther) === 0 ? 0 : errno();
    },
    listAttributes: (path, links) => {
      // Nearly always there are none, and for an answer the kernel would first get memory of its length.
      if (Number(list[links](path, null, 0)) === 0) return noAttributes;
      const length = Number(list[links](path, answer, answer.length));
      if (length < 0) throw failure("listxattr");
      return Buffer.from(answer.subarray(0, length));
    },
    getAttribute: (path, name, links) => {
      const length = Number(get[links](path, name, answer, answer.length));
      if (length >= 0) return Buffer.from(answer.subarray(0, length));
      const error = failure("getxattr");
      if (error.code === noSuchAttribute) return undefined;
      throw error;
    },
    setAttribute: (path, name, value) => {
      if (set(path, name, value, value.length, 0) !== 0) throw failure(`setxattr ${name}`);
    },
    removeAttribute: (path, name) => {
      if (remove(path, name) === 0) return;
      const error = failure(`removexattr ${name}`);
      if (error.code !== noSuchAttribute) throw error;
    },
  };
}

/** Undefined where the C library is too old for it. */
function bindIfThere(bind: () => unknown): Call | undefined {
  try {
    return bind() as Call;
  } catch {
    return undefined;
  }
}

type Call = (...given: readonly (number | string | Buffer | null)[]) => number | bigint;
