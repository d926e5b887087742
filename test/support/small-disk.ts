import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileFaults } from "./file-faults.js";

/** A disk for one target that is full soon, and on which somebody makes room later. */
export interface SmallDisk {
  readonly root: string;
  /** What the process that writes on it must be started with. */
  readonly faults: FileFaults | undefined;
  /** From here on it is full, if it was not too small from the beginning. */
  fill(): void;
  makeRoom(): void;
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
    close: () => {
      execFileSync("umount", [root]);
    },
  };
}

function pretendSmallDisk(base: string, root: string): SmallDisk {
  const fullWhile = join(base, "disk-is-full");
  return {
    root,
    faults: { fullWhile },
    fill: () => {
      writeFileSync(fullWhile, "");
    },
    makeRoom: () => {
      rmSync(fullWhile);
    },
    close: () => undefined,
  };
}
