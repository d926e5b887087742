import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileFaults } from "./file-faults.js";

/** A disk for one target that is full soon, and on which somebody makes room later; and that then fails. */
export interface SmallDisk {
  readonly root: string;
  /** What the process that writes on it must be started with. */
  readonly faults: FileFaults | undefined;
  /** From here on it is full, if it was not too small from the beginning. */
  fill(): void;
  makeRoom(): void;
  /** The ways in which this one can fail. */
  readonly failures: readonly ("EROFS" | "EIO")[];
  fail(code: "EROFS" | "EIO"): void;
  repair(): void;
  close(): void;
}

const smallMebibytes = 6;
const largeMebibytes = 256;

/**
 * A real small file system where this user may mount one; elsewhere a folder whose writer is told that the disk is full
 * (the system's own errors, from the very calls it makes).
 */
export function openSmallDisk(base: string, isPretended = false): SmallDisk {
  const root = join(base, "small-disk");
  mkdirSync(root, { recursive: true });
  return (isPretended ? undefined : mountSmallDisk(root)) ?? pretendSmallDisk(base, root);
}

function mountSmallDisk(root: string): SmallDisk | undefined {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${smallMebibytes}m`, "tmpfs", root], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  return {
    root,
    faults: undefined,
    fill: () => undefined,
    makeRoom: () => {
      execFileSync("mount", ["-o", `remount,size=${largeMebibytes}m`, root]);
    },
    failures: ["EROFS"],
    fail: () => {
      execFileSync("mount", ["-o", "remount,ro", root]);
    },
    repair: () => {
      execFileSync("mount", ["-o", "remount,rw", root]);
    },
    close: () => {
      execFileSync("umount", [root]);
    },
  };
}

function pretendSmallDisk(base: string, root: string): SmallDisk {
  const brokenWhile = join(base, "disk-is-broken");
  const fail = (code: string): void => {
    // Never read half written.
    writeFileSync(`${brokenWhile}.new`, code);
    renameSync(`${brokenWhile}.new`, brokenWhile);
  };
  const repair = (): void => {
    rmSync(brokenWhile);
  };
  return {
    root,
    faults: { brokenWhile },
    fill: () => {
      fail("ENOSPC");
    },
    makeRoom: repair,
    failures: ["EROFS", "EIO"],
    fail,
    repair,
    close: () => undefined,
  };
}
