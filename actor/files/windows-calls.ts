import { createRequire } from "node:module";
import path from "node:path";
import type koffi from "koffi";

/** What a file or folder is by Windows beside what Node says. */
export interface WindowsFacts {
  /** FILE_ATTRIBUTE_… */
  readonly attributes: number;
  /** A FILETIME: steps of 100 nanoseconds since 1601. */
  readonly created: bigint;
}

/** What Windows has and Node has no call for. All are synchronous; a link itself is meant, never what it points to. */
export interface WindowsCalls {
  /** GetFileAttributesExW; undefined when nothing stands there or it may not be looked at. */
  readonly read: (place: string) => WindowsFacts | undefined;
  /** SetFileAttributesW: all of them at once. Throws with the system's error number. */
  readonly setAttributes: (place: string, attributes: number) => void;
  /** SetFileTime: a time that is not given stays. Throws with the system's error number. */
  readonly setTimes: (place: string, times: { readonly created?: bigint; readonly written?: bigint }) => void;
}

/** WIN32_FILE_ATTRIBUTE_DATA: attributes, time of creation, and more. */
const factBytes = 36;
const writeAttributes = 0x100;
/** Reading, writing and removing by others goes on. */
const shareAll = 0x7;
const openExisting = 3;
/** FILE_FLAG_BACKUP_SEMANTICS, without which no folder can be opened, and FILE_FLAG_OPEN_REPARSE_POINT. */
const openFlags = 0x02200000;
const invalidHandle = -1n;

/** Undefined on other systems, and where the package has no library for the processor. */
export const windowsCalls: WindowsCalls | undefined = process.platform === "win32" ? loadCalls() : undefined;

function loadCalls(): WindowsCalls | undefined {
  try {
    // Not imported: where the library is missing the import itself would fail, and with it the actor.
    return bindCalls(createRequire(import.meta.url)("koffi") as typeof koffi);
  } catch {
    return undefined;
  }
}

function bindCalls({ load }: typeof koffi): WindowsCalls {
  const library = load("kernel32.dll");
  const bind = (signature: string): Call => library.func(signature) as Call;
  const lastError = bind("uint32_t __stdcall GetLastError()");
  const readFacts = bind("int __stdcall GetFileAttributesExW(const char16_t *, int, _Out_ uint8_t *)");
  const setAttributes = bind("int __stdcall SetFileAttributesW(const char16_t *, uint32_t)");
  const open = bind(
    "int64_t __stdcall CreateFileW(const char16_t *, uint32_t, uint32_t, void *, uint32_t, uint32_t, void *)",
  );
  const setTime = bind("int __stdcall SetFileTime(int64_t, const uint8_t *, void *, const uint8_t *)");
  const close = bind("int __stdcall CloseHandle(int64_t)");
  const facts = Buffer.alloc(factBytes);
  return {
    read: (place) => {
      if (readFacts(long(place), 0, facts) === 0) return undefined;
      return { attributes: facts.readUInt32LE(0), created: facts.readBigUInt64LE(4) };
    },
    setAttributes: (place, attributes) => {
      if (setAttributes(long(place), attributes) === 0) throw failure("SetFileAttributesW", lastError());
    },
    setTimes: (place, { created, written }) => {
      const handle = open(long(place), writeAttributes, shareAll, null, openExisting, openFlags, null);
      if (BigInt(handle) === invalidHandle) throw failure("CreateFileW", lastError());
      try {
        if (setTime(handle, fileTime(created), null, fileTime(written)) === 0)
          throw failure("SetFileTime", lastError());
      } finally {
        close(handle);
      }
    },
  };
}

function fileTime(time: bigint | undefined): Buffer | null {
  if (time === undefined) return null;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(time);
  return bytes;
}

/** With the prefix that allows for more than 260 characters, as Node's own calls have it. */
function long(place: string): string {
  return path.toNamespacedPath(path.resolve(place));
}

function failure(call: string, number: number | bigint): Error {
  return new Error(`${call}: error ${number}`);
}

type Call = (...given: readonly (number | bigint | string | Buffer | null)[]) => number | bigint;
