import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as fs from "node:fs";
import { systemCalls } from "../../../actor/files/system-calls.js";
import { putFile } from "../../support/file-tree.js";
import { until } from "../../support/until.js";
import { FileTreePair, never } from "../../support/file-tree-pair.js";

let pair: FileTreePair;
beforeEach(() => {
  pair = new FileTreePair();
});
afterEach(async () => {
  await pair.end();
});

/** An access list as Linux writes it: version 2, then tag, rights and number of each entry (acl(5)). */
function accessList(...entries: readonly (readonly [tag: number, rights: number, id: number])[]): Buffer {
  const list = Buffer.alloc(4 + entries.length * 8);
  list.writeUInt32LE(2, 0);
  for (const [index, [tag, rights, id]] of entries.entries()) {
    list.writeUInt16LE(tag, 4 + index * 8);
    list.writeUInt16LE(rights, 6 + index * 8);
    list.writeUInt32LE(id, 8 + index * 8);
  }
  return list;
}

const none = 0xffffffff;
const isRoot = process.getuid?.() === 0;
const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
const list = accessList([1, 6, none], [2, 4, 65_534], [4, 4, none], [16, 4, none], [32, 0, none]);

/** What another program would see; undefined where neither the system nor its file system has any. */
function attributesOf(file: string): Record<string, string> | undefined {
  try {
    const names = systemCalls?.listAttributes(file, "no-follow").toString("latin1").split("\0") ?? [];
    const read = (name: string): string => systemCalls?.getAttribute(file, name, "no-follow")?.toString("hex") ?? "";
    const kept = names.filter((name) => name !== "" && !name.startsWith("security.selinux"));
    return Object.fromEntries(kept.map((name) => [name, read(name)]));
  } catch {
    return undefined;
  }
}

/** Whether it could be set: not every file system of a test machine has all kinds. */
function set(file: string, name: string, value: Buffer): boolean {
  try {
    systemCalls?.setAttribute(file, name, value);
    return systemCalls !== undefined;
  } catch {
    return false;
  }
}

function expectSame(...names: readonly string[]): void {
  for (const name of names) {
    expect({ name, ...attributesOf(pair.target(name)) }).toEqual({ name, ...attributesOf(pair.source(name)) });
  }
}

test("extended attributes of files and folders are kept, changed and taken away; content is not sent for them", async () => {
  putFile(pair.primaryRoot, "folder/small", "content");
  putFile(pair.primaryRoot, "large", Buffer.alloc(5 * 1024 * 1024, 7));
  putFile(pair.primaryRoot, "plain", "content");
  for (const name of ["folder", "folder/small", "large"])
    set(pair.source(name), "user.note", Buffer.from("é\0 binary"));
  if (isRoot) {
    set(pair.source("folder/small"), "security.capability", capability);
    set(pair.source("large"), "system.posix_acl_access", list);
    set(pair.source("folder"), "system.posix_acl_default", list);
  }
  await pair.begin();
  await pair.primary.synchronise(never);
  expectSame("folder", "folder/small", "large", "plain");
  expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });

  set(pair.source("plain"), "user.note", Buffer.from("new"));
  if (attributesOf(pair.source("folder"))?.["user.note"] !== undefined) {
    systemCalls?.removeAttribute(pair.source("folder"), "user.note");
  }
  expect((await pair.primary.synchronise(never)).bytesSent).toBe(0);
  expectSame("folder", "folder/small", "large", "plain");
  set(pair.source("large"), "user.note", Buffer.from("other"));
  await pair.primary.synchronise(never);
  expectSame("large");
  expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
});

test("what was changed on the target is as on the source again", async () => {
  putFile(pair.primaryRoot, "file", "content");
  set(pair.source("file"), "user.note", Buffer.from("right"));
  await pair.begin();
  await pair.primary.synchronise(never);
  const isSet = set(pair.target("file"), "user.note", Buffer.from("wrong"));
  set(pair.target("file"), "user.more", Buffer.from("more"));
  expect((await pair.primary.synchronise(never)).changesSent).toBe(isSet ? 1 : 0);
  expectSame("file");
});

test.each([
  // As ext4 says that the attributes of this file are too large for it: the disk has room.
  { code: "ENOSPC" },
  // As a file system that has none of this kind.
  { code: "EOPNOTSUPP" },
  { code: "EPERM" },
])("one that may not be set on the target ($code) is named at once, and nothing waits for it", async ({ code }) => {
  putFile(pair.primaryRoot, "file", "content");
  putFile(pair.primaryRoot, "had", "content");
  if (systemCalls === undefined || !set(pair.source("file"), "user.note", Buffer.from("x"))) return;
  set(pair.source("had"), "user.old", Buffer.from("x"));
  await pair.begin();
  fs.rmSync(pair.source("file"));
  await pair.primary.synchronise(never);
  putFile(pair.primaryRoot, "file", "content");
  set(pair.source("file"), "user.note", Buffer.from("x"));
  systemCalls.removeAttribute(pair.source("had"), "user.old");
  const { setAttribute, removeAttribute } = systemCalls;
  const refuse = (): never => {
    throw Object.assign(new Error(`${code}: xattr`), { code });
  };
  const named = () =>
    pair.primary.itemErrors?.()[0]?.paths.map(({ path, kind, because }) => [path, kind, because.split(" (")[0]]);
  const both = [
    ["file", "skipped", "On the target: The extended attribute user.note"],
    ["had", "skipped", `On the target: The extended attribute user.old cannot be taken away: ${code}: xattr.`],
  ];
  Object.assign(systemCalls, { setAttribute: refuse, removeAttribute: refuse });
  try {
    await pair.primary.synchronise(never);
    expect(fs.readFileSync(pair.target("file"), "utf8")).toBe("content");
    expect(named()?.sort()).toEqual(both);
    // Its time is right all the same, so its content is in no question.
    expect(fs.statSync(pair.target("had")).mtimeMs).toBeCloseTo(fs.statSync(pair.source("had")).mtimeMs, 1);
    // A planned switchover goes on, and people are told.
    expect((await pair.primary.drain(never)).bytesSent).toBe(0);
    expect(pair.primary.status()[0]).toMatchObject({ health: "warning", pendingChanges: 0 });
    expect(named()?.sort()).toEqual(both);
  } finally {
    Object.assign(systemCalls, { setAttribute, removeAttribute });
  }
  await pair.primary.synchronise(never);
  expectSame("file", "had");
  expect(named()).toEqual([]);
});

test("a change of attributes alone comes over without an analysis of the whole folder", async () => {
  putFile(pair.primaryRoot, "file", "content");
  await pair.begin(1, true);
  await pair.primary.drain(never);
  set(pair.source("file"), "user.note", Buffer.from("new"));
  fs.writeFileSync(pair.source("beside"), "x");
  await pair.primary.drain(never);
  expectSame("file");
});

/** Whatever is called `big` on the source has two attributes of 40,000 bytes, more than records hold. */
function fakeTooMuch(calls: NonNullable<typeof systemCalls>): () => void {
  const { listAttributes, getAttribute } = calls;
  const isBig = (place: string | Buffer): boolean => {
    const text = place.toString();
    const file = text.replace(/^\/proc\/self\/fd\/\d+/, (open) => fs.readlinkSync(open));
    return file.startsWith(pair.primaryRoot) && file.endsWith("/big");
  };
  const names = Buffer.from("user.a\0user.b\0");
  Object.assign(calls, {
    listAttributes: (...given: Parameters<typeof listAttributes>) =>
      isBig(given[0]) ? names : listAttributes(...given),
    getAttribute: (...given: Parameters<typeof getAttribute>) =>
      isBig(given[0]) ? Buffer.alloc(40_000) : getAttribute(...given),
  });
  return () => {
    Object.assign(calls, { listAttributes, getAttribute });
  };
}

test("attributes that are too much are left alone on both sides, and named each time; all else is synchronised", async () => {
  if (systemCalls === undefined) return;
  putFile(pair.primaryRoot, "folder/big", "content");
  putFile(pair.primaryRoot, "big/inner", "content");
  const restore = fakeTooMuch(systemCalls);
  const named = () =>
    pair.primary
      .itemErrors?.()[0]
      ?.paths.map(({ path, because }) => `${path}: ${because}`)
      .sort();
  const problem = "its extended attributes take more than 60000 bytes together and are left alone";
  const problems = [`big: ${problem}`, `folder/big: ${problem}`];
  try {
    await pair.begin(1, true);
    await until(() => fs.existsSync(pair.target("big/inner")) && fs.existsSync(pair.target("folder/big")));
    await pair.primary.synchronise(never);
    expect(named()).toEqual(problems);
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
    expect(named()).toEqual(problems);
    const isSet = set(pair.target("folder/big"), "user.own", Buffer.from("x"));
    // The target reads the file once more, and knows that its content is the one that was sent.
    await pair.primary.synchronise(never);
    const analysedAtMs = pair.primary.status()[0]!.lastFullAnalysisAtMs;
    fs.chmodSync(pair.source("folder/big"), 0o640);
    fs.rmSync(pair.source("big/inner"));
    await until(() => !fs.existsSync(pair.target("big/inner")));
    await until(() => (fs.statSync(pair.target("folder/big")).mode & 0o777) === 0o640);
    expect(pair.primary.status()[0]!.lastFullAnalysisAtMs).toBe(analysedAtMs);
    expect(isSet).toBe(attributesOf(pair.target("folder/big"))?.["user.own"] !== undefined);
    await pair.primary.synchronise(never);
    expect(named()).toEqual(problems);
  } finally {
    restore();
  }
});

/** Every file and folder has attributes as on Windows, kept apart by inode: all that stands on them is as there. */
function fakeWindows(calls: NonNullable<typeof systemCalls>): () => void {
  const { listAttributes, getAttribute, setAttribute } = calls;
  const values = new Map<string, Buffer>();
  const key = (place: string | Buffer, name: string): string => `${fs.statSync(place).ino} ${name}`;
  Object.assign(calls, {
    listAttributes: () => Buffer.from("ntfs.attributes\0ntfs.created\0"),
    getAttribute: (place: string | Buffer, name: string) => values.get(key(place, name)) ?? Buffer.alloc(4),
    setAttribute: (place: string | Buffer, name: string, value: Buffer) => {
      values.set(key(place, name), value);
      // The system notes each change of attributes in the change time.
      fs.chmodSync(place, fs.statSync(place).mode & 0o7777);
    },
  });
  return () => {
    Object.assign(calls, { listAttributes, getAttribute, setAttribute });
  };
}

test("attributes of Windows and the time of creation are kept, changed, and put right on the target, without content", async () => {
  if (systemCalls === undefined) return;
  const restore = fakeWindows(systemCalls);
  const { setAttribute, getAttribute } = systemCalls;
  const read = (file: string): (Buffer | undefined)[] =>
    ["ntfs.attributes", "ntfs.created"].map((name) => getAttribute(file, name, "no-follow"));
  const names = ["folder", "folder/small", "large"];
  try {
    putFile(pair.primaryRoot, "folder/small", "content");
    putFile(pair.primaryRoot, "large", Buffer.alloc(5 * 1024 * 1024, 7));
    for (const [index, name] of names.entries()) {
      setAttribute(pair.source(name), "ntfs.attributes", Buffer.from([2, 0, 0, index]));
      setAttribute(pair.source(name), "ntfs.created", Buffer.from([9, 8, 7, 6, 5, 4, 3, index]));
    }
    await pair.begin();
    await pair.primary.synchronise(never);
    for (const name of names) expect(read(pair.target(name))).toEqual(read(pair.source(name)));
    expect(read(pair.target("large"))[1]).toEqual(Buffer.from([9, 8, 7, 6, 5, 4, 3, 2]));
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });

    setAttribute(pair.source("large"), "ntfs.attributes", Buffer.from([4, 0, 0, 0]));
    setAttribute(pair.target("folder/small"), "ntfs.attributes", Buffer.from([6, 0, 0, 0]));
    expect((await pair.primary.synchronise(never)).bytesSent).toBe(0);
    for (const name of names) expect(read(pair.target(name))).toEqual(read(pair.source(name)));
    expect(await pair.primary.synchronise(never)).toEqual({ changesSent: 0, bytesSent: 0 });
  } finally {
    restore();
  }
});
