import * as fs from "node:fs";
import { settableSeconds } from "../core/file-entry.js";
import type { LinkUse } from "./system-calls.js";
import { windowsCalls } from "./windows-calls.js";

/** Steps of 100 nanoseconds from 1601 to 1970. */
const fileTimeOf1970 = 116_444_736_000_000_000n;
const fileTimeStepNs = 100n;

/**
 * Sets the modification time of what stands at a place so that the same whole microsecond is read back. libuv counts on Windows in
 * doubles since 1601, which is off by up to 0.8 microseconds: there the system is asked directly.
 */
export function setModificationTime(place: string, mtimeNs: bigint, links: LinkUse = "no-follow"): void {
  if (windowsCalls !== undefined) {
    windowsCalls.setTimes(place, { written: fileTimeOf(mtimeNs) });
    return;
  }
  const seconds = settableSeconds(mtimeNs);
  if (links === "follow") fs.utimesSync(place, seconds, seconds);
  else fs.lutimesSync(place, seconds, seconds);
}

/** The same of a file that is open: its place is used only where its descriptor is not enough. */
export function setModificationTimeOpen(descriptor: number, place: string, mtimeNs: bigint): void {
  const seconds = settableSeconds(mtimeNs);
  // On Windows too: else it would set the time of the last write when the descriptor is closed.
  fs.futimesSync(descriptor, seconds, seconds);
  if (windowsCalls !== undefined) setModificationTime(place, mtimeNs);
}

/** A FILETIME. */
export function fileTimeOf(nanoseconds: bigint): bigint {
  return BigInt.asUintN(64, nanoseconds / fileTimeStepNs + fileTimeOf1970);
}
