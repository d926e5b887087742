import fs from "node:fs";
import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { type FileFaults, faultsVariable } from "./file-faults.js";

/**
 * Loaded into a process before the files half (`node --import`), which knows nothing of it: counts what changes the
 * disk and does at one of them, or at each write, what a power cut or a full disk would.
 */
const { killAt, brokenWhile, countTo } = JSON.parse(process.env[faultsVariable] ?? "{}") as FileFaults;

const exists = fs.existsSync;
const write = fs.writeFileSync;
const read = fs.readFileSync;
let changes = 0;

function around<Result>(isWrite: boolean, change: () => Result): Result {
  changes += 1;
  if (countTo !== undefined) write(countTo, String(changes));
  if (isWrite && brokenWhile !== undefined && exists(brokenWhile)) {
    const code = read(brokenWhile, "utf8");
    throw Object.assign(new Error(`${code}: as the test says`), { code });
  }
  const isNow = killAt?.change === changes;
  if (isNow && killAt.moment === "before") die();
  const result = change();
  if (!isNow) return result;
  if (result instanceof Promise) return result.finally(die) as Result;
  return die();
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  // The signal comes when it comes; nothing of this process may run until then.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

type AnyFunction = (...args: never[]) => unknown;

function wrap<Holder extends object>(holder: Holder, names: readonly (keyof Holder & string)[], isWrite = false): void {
  for (const name of names) {
    const original = holder[name] as AnyFunction;
    const wrapped = function (this: unknown, ...args: never[]): unknown {
      return around(isWrite, () => original.apply(this, args));
    };
    Object.defineProperty(holder, name, { value: wrapped, configurable: true, writable: true });
  }
}

/** Methods of open files are on a class that is only reached through one of them. */
function wrapHandles(): void {
  const open = promises.open.bind(promises);
  let isWrapped = false;
  promises.open = async (...args) => {
    const handle = await open(...args);
    if (!isWrapped) {
      isWrapped = true;
      const methods = Object.getPrototypeOf(handle) as FileHandle;
      wrap(methods, ["write", "writeFile", "appendFile", "writev"], true);
      wrap(methods, ["sync", "datasync", "truncate", "chmod", "utimes"]);
    }
    return handle;
  };
}

wrap(fs, ["renameSync", "linkSync", "unlinkSync", "mkdirSync", "rmdirSync", "symlinkSync", "fsyncSync", "rmSync"]);
wrap(fs, ["chmodSync", "utimesSync", "lutimesSync", "futimesSync", "fchmodSync", "fsync"]);
wrap(fs, ["writeSync", "writeFileSync", "appendFileSync", "write"], true);
wrap(promises, ["rename", "rm", "unlink", "mkdir"]);
wrap(promises, ["writeFile", "appendFile"], true);
wrapHandles();
syncBuiltinESMExports();
