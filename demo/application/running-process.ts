import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/**
 * Whether the process of this id runs and is the one meant: its command line holds `marker` (ids are used again), and it
 * is not a zombie (a killed process whose parent has not yet looked still has its id).
 */
export function isRunning(pid: number, marker: string): boolean {
  if (existsSync("/proc/self/stat")) return isRunningByProc(pid, marker);
  const { status, stdout } = spawnSync("ps", ["-o", "state=,command=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 && !stdout.trimStart().startsWith("Z") && stdout.includes(marker);
}

function isRunningByProc(pid: number, marker: string): boolean {
  try {
    // "pid (name) state …": the name may hold anything, so the state is looked for after the last bracket.
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
    return state !== "Z" && state !== "X" && readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").includes(marker);
  } catch {
    return false;
  }
}

/** The process id kept in a file; undefined when there is none. */
export function readPid(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8"));
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}
