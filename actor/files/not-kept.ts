import { systemCalls } from "./system-calls.js";
import { windowsCalls } from "./windows-calls.js";

export interface KeepingSystem {
  readonly platform: string;
  /** The package for calls that Node lacks works here. */
  readonly hasCalls: boolean;
}

const thisSystem: KeepingSystem = {
  platform: process.platform,
  hasCalls: systemCalls !== undefined || windowsCalls !== undefined,
};

/** What files have on this system, could be had on the other server as well, and is not kept. */
export function notKept({ platform, hasCalls }: KeepingSystem = thisSystem): readonly string[] {
  if (platform === "linux") return hasCalls ? [] : ["extended attributes"];
  if (platform !== "win32") return ["extended attributes", "time of creation"];
  const never = ["access lists", "alternate streams", "compression and encryption"];
  return hasCalls
    ? never
    : [...never, "hidden, system and not indexed", "time of creation", "exact time of the last change"];
}
