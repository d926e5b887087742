import fs from "node:fs";
import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { systemCalls, type SystemCalls } from "../../actor/files/system-calls.js";
import type { DiskChange } from "./disk-trace.js";
import { type FailingCall, type FileFaults, faultsVariable } from "./file-faults.js";

/**
 * Loaded into a process before the files half (`node --import`), which knows nothing of it: counts what changes the
 * disk and does at one of them, or at each write, what a power cut or a full disk would.
 */
const { killAt, brokenWhile, countTo, traceTo, failingCalls } = JSON.parse(
  process.env[faultsVariable] ?? "{}",
) as FileFaults;

const exists = fs.existsSync;
const write = fs.writeFileSync;
const read = fs.readFileSync;
const append = fs.appendFileSync;
const readLink = fs.readlinkSync;
let changes = 0;

/** Where something stands: the product names what is in an open folder by its descriptor. */
function placeOf(name: unknown): string {
  if (typeof name === "number") return readLink(`/proc/self/fd/${name}`);
  return String(name).replace(/^\/proc\/self\/fd\/\d+/, (open) => readLink(open));
}

const renames: ReadonlySet<string> = new Set(["renameSync", "rename"]);
const namings: ReadonlySet<string> = new Set(["unlinkSync", "mkdirSync", "rmdirSync", "rmSync"]);
/** Their new name is the second argument. */
const linkings: ReadonlySet<string> = new Set(["linkSync", "symlinkSync"]);
const writings: ReadonlySet<string> = new Set(["writeSync", "write", "writeFileSync", "appendFileSync"]);

let isTracing = false;

/** Node's own way to append leads through what is wrapped here. */
function trace(change: DiskChange): void {
  if (traceTo === undefined) return;
  isTracing = true;
  append(traceTo, `${JSON.stringify(change)}\n`);
  isTracing = false;
}

const untraced = (): void => undefined;

/** Called before a change, for afterwards nothing stands at a name that was taken away; what it gives when it has succeeded. */
function traceChange(name: string, args: unknown[]): () => void {
  if (traceTo === undefined || isTracing) return untraced;
  const change = changeOf(name, args);
  if (change !== undefined) {
    return () => {
      trace(change);
    };
  }
  // Synced is only what the system has answered.
  if (name === "fsync") {
    const path = placeOf(args[0]);
    const done = args[1] as (error: Error | null) => void;
    args[1] = (error: Error | null) => {
      if (error === null) trace({ do: "sync", path });
      done(error);
    };
  }
  return untraced;
}

function changeOf(name: string, args: readonly unknown[]): DiskChange | undefined {
  if (name === "renameNew") {
    const [from, oldName, to, newName] = args;
    return { do: "rename", from: join(placeOf(from), String(oldName)), path: join(placeOf(to), String(newName)) };
  }
  if (renames.has(name)) return { do: "rename", from: placeOf(args[0]), path: placeOf(args[1]) };
  if (namings.has(name)) return { do: "name", path: placeOf(args[0]) };
  if (linkings.has(name)) return { do: "name", path: placeOf(args[1]) };
  return writings.has(name) ? { do: "write", path: placeOf(args[0]) } : undefined;
}

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
      const done = traceChange(name, args);
      return around(isWrite, () => {
        const result = original.apply(this, args);
        // It says by a number that it has not renamed.
        if (name !== "renameNew" || result === 0) done();
        return result;
      });
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

let isJudging = false;

/** The error that a call for this path is to end in; undefined when it may be made. */
function failureOf(call: FailingCall["call"], name: unknown): Error | undefined {
  // Node's own way to read a file leads through what is wrapped here.
  if (failingCalls === undefined || isJudging || !exists(failingCalls)) return undefined;
  isJudging = true;
  try {
    const calls = JSON.parse(read(failingCalls, "utf8")) as FailingCall[];
    const place = placeOf(name).replace(/\/\.$/, "");
    const failing = calls.find((one) => one.call === call && new RegExp(one.path).test(place));
    return failing && Object.assign(new Error(`${failing.code}: as the test says, ${call}`), { code: failing.code });
  } finally {
    isJudging = false;
  }
}

/** Such a call fails when it is told to; of an asynchronous one the last argument is told. */
function mayFail(name: keyof typeof fs, call: FailingCall["call"]): void {
  const original = fs[name] as AnyFunction;
  const wrapped = (...args: unknown[]): unknown => {
    const failure = failureOf(call, args[0]);
    if (failure === undefined) return original.apply(fs, args as never[]);
    const done = args.at(-1);
    if (typeof done !== "function") throw failure;
    queueMicrotask(() => {
      (done as (error: Error) => void)(failure);
    });
    return undefined;
  };
  Object.defineProperty(fs, name, { value: wrapped, configurable: true, writable: true });
}

/** The asynchronous calls of `node:fs/promises`. */
function mayReject(name: "copyFile", call: FailingCall["call"]): void {
  const original = promises[name] as (...args: unknown[]) => Promise<void>;
  const wrapped = (...args: unknown[]): Promise<void> => {
    const failure = failureOf(call, args[0]);
    return failure === undefined ? original.apply(promises, args) : Promise.reject(failure);
  };
  Object.defineProperty(promises, name, { value: wrapped, configurable: true, writable: true });
}

/** EIO. */
const inputOutputError = 5;

/** They tell by a number that Node's own call is to be made in their place, which then fails as it is told to. */
function wrapSystemCalls(calls: SystemCalls): void {
  wrap(calls, ["renameNew"]);
  const { openIn, statInto } = calls;
  const wrapped: SystemCalls["openIn"] = (descriptor, name, flags, mode) =>
    failureOf("open", `/proc/self/fd/${descriptor}/${name}`) === undefined ? openIn(descriptor, name, flags, mode) : -1;
  Object.defineProperty(calls, "openIn", { value: wrapped, configurable: true, writable: true });
  const wrappedStat: SystemCalls["statInto"] = (descriptor, name, into) =>
    failureOf("stat", `/proc/self/fd/${descriptor}/${String(name).replace("\0", "")}`) === undefined
      ? statInto(descriptor, name, into)
      : inputOutputError;
  Object.defineProperty(calls, "statInto", { value: wrappedStat, configurable: true, writable: true });
}

wrap(fs, ["renameSync", "linkSync", "unlinkSync", "mkdirSync", "rmdirSync", "symlinkSync", "fsyncSync", "rmSync"]);
wrap(fs, ["chmodSync", "utimesSync", "lutimesSync", "futimesSync", "fchmodSync", "fsync"]);
wrap(fs, ["writeSync", "writeFileSync", "appendFileSync", "write"], true);
wrap(promises, ["rename", "rm", "unlink", "mkdir"]);
wrap(promises, ["writeFile", "appendFile"], true);
wrapHandles();
mayFail("openSync", "open");
mayFail("readSync", "read");
mayFail("read", "read");
mayReject("copyFile", "copy");
mayFail("readdirSync", "list");
mayFail("lstatSync", "stat");
mayFail("fsync", "sync");
for (const name of ["chownSync", "fchownSync", "lchownSync"] as const) mayFail(name, "owner");
for (const name of ["chmodSync", "fchmodSync"] as const) mayFail(name, "mode");
if (systemCalls !== undefined) wrapSystemCalls(systemCalls);
syncBuiltinESMExports();
