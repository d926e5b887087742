import { execFileSync } from "node:child_process";

/** Mounts a small file system of its own on a folder; returns what unmounts it, or undefined where this user may not mount. */
export function mountMemory(place: string): (() => void) | undefined {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", place], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  return () => {
    // Lazily: somebody may look into it at this moment.
    execFileSync("umount", ["-l", place]);
  };
}
