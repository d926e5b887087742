import { expect, test } from "@jest/globals";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { QuickStat, type ExactState } from "../../../actor/files/quick-stat.js";
import { systemCalls, type SystemCalls } from "../../../actor/files/system-calls.js";

/** Nobody can set another time of change; these are as far apart as the structure allows. */
const times = [-2_000_000_000.25, -1, 0, 1_700_000_000.123456, 4_000_000_000];

function lstatExactly(place: string): fs.BigIntStats {
  return fs.lstatSync(place, { bigint: true });
}

function exactOf({ size, mode, uid, gid, ino, mtimeNs, ctimeNs }: ExactState): Record<string, bigint> {
  return { size: BigInt(size), mode: BigInt(mode), uid: BigInt(uid), gid: BigInt(gid), ino, mtimeNs, ctimeNs };
}

test("a stat by the system call says what Node's lstat says, links not followed", () => {
  if (process.platform !== "linux") return;
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "quick-stat-"));
  const folder = fs.openSync(root, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    fs.mkdirSync(path.join(root, "folder"));
    fs.symlinkSync("nowhere", path.join(root, "link"));
    for (const [index, time] of times.entries()) {
      const file = path.join(root, `file ${index} ä 文`);
      fs.writeFileSync(file, "x".repeat(index * 1000), { mode: 0o640 });
      fs.utimesSync(file, String(time), String(time));
    }
    fs.truncateSync(path.join(root, "file 0 ä 文"), 5 * 2 ** 32 + 17);
    const stat = QuickStat.open();
    if (stat === undefined) throw new Error("there is no library for this processor");
    for (const name of fs.readdirSync(root)) {
      expect(stat.read(folder, name)).toBe("found");
      const { mode, uid, gid, ino, size, mtimeMs, ctimeMs } = fs.lstatSync(path.join(root, name));
      expect({ name, mode: stat.mode, uid: stat.uid, gid: stat.gid, ino: stat.ino }).toEqual({
        name,
        mode,
        uid,
        gid,
        ino,
      });
      expect({ name, size: stat.size }).toEqual({ name, size });
      expect(Math.abs(stat.mtimeMs - mtimeMs)).toBeLessThan(0.001);
      expect(Math.abs(stat.ctimeMs - ctimeMs)).toBeLessThan(0.001);
      expect({ name, ...exactOf(stat.exact) }).toEqual({ name, ...exactOf(lstatExactly(path.join(root, name))) });
    }
    expect(stat.readOpen(folder)).toBe("found");
    expect(exactOf(stat.exact)).toEqual(exactOf(lstatExactly(root)));
    expect(stat.readOpen(-1)).toBe("unable");
    expect(stat.read(folder, "nothing")).toBe("none");
    expect(stat.read(folder, "n".repeat(256))).toBe("unable");
  } finally {
    fs.closeSync(folder);
    fs.rmSync(root, { recursive: true, force: true });
  }
});

test("a kernel without the call is no error", () => {
  const calls = { statInto: () => 38 } as unknown as SystemCalls;
  expect(QuickStat.open(calls)?.read(0, "a")).toBe("unable");
  expect(QuickStat.open(systemCalls) === undefined).toBe(systemCalls === undefined);
});
