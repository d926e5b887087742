import * as fs from "node:fs";
import { isSameTime } from "../core/file-entry.js";
import type { FolderSystem, Unkeepable } from "../core/folder-system.js";
import { isNameBlind, openTemporaryFolder } from "./own-folder.js";
import { setModificationTimeOpen } from "./set-times.js";
import { systemCalls } from "./system-calls.js";
import { windowsCalls } from "./windows-calls.js";

/** Unlike any that a file gets by itself; FAT keeps times in steps of two seconds. */
const oddTimeNs = 1_000_000_001_123_457_000n;
const otherOwner = 1;
const attributeName = "user.sparesync";

/**
 * Tries on a file of its own in a folder what the file system under it keeps: a mount may promise what it does not do. Throws
 * the system's error where no file can be made there.
 */
export function probeFolder(root: string): FolderSystem {
  return { platform: process.platform, isNameBlind: isNameBlind(root), unkept: findUnkeepables(root) };
}

function findUnkeepables(root: string): Unkeepable[] {
  const temporary = openTemporaryFolder(root);
  const place = temporary.place("probe");
  try {
    const descriptor = fs.openSync(place, "w", 0o600);
    try {
      const tries: Readonly<Record<Unkeepable, () => boolean>> = {
        owner: () => isOwnerKept(descriptor),
        mode: () => isModeKept(descriptor),
        time: () => {
          setModificationTimeOpen(descriptor, place, oddTimeNs);
          return isSameTime(fs.fstatSync(descriptor, { bigint: true }).mtimeNs, oddTimeNs);
        },
        extended: () => isExtendedKept(descriptor),
      };
      return (Object.keys(tries) as Unkeepable[]).filter((one) => !holds(tries[one]));
    } finally {
      fs.closeSync(descriptor);
    }
  } finally {
    fs.rmSync(place, { force: true });
    temporary.close();
  }
}

function holds(attempt: () => boolean): boolean {
  try {
    return attempt();
  } catch {
    return false;
  }
}

function isOwnerKept(descriptor: number): boolean {
  // Who may not set any owner cannot keep those of others.
  if (process.getuid?.() !== 0) return false;
  fs.fchownSync(descriptor, otherOwner, otherOwner);
  const { uid, gid } = fs.fstatSync(descriptor);
  return uid === otherOwner && gid === otherOwner;
}

function isModeKept(descriptor: number): boolean {
  // Windows has no more than read-only.
  if (process.platform === "win32") return true;
  return [0o640, 0o751].every((mode) => {
    fs.fchmodSync(descriptor, mode);
    return (fs.fstatSync(descriptor).mode & 0o7777) === mode;
  });
}

function isExtendedKept(descriptor: number): boolean {
  if (process.platform === "win32") return windowsCalls !== undefined;
  const place = `/proc/self/fd/${descriptor}`;
  systemCalls?.setAttribute(place, attributeName, Buffer.from("x"));
  return systemCalls?.getAttribute(place, attributeName, "follow")?.toString() === "x";
}
