import { statfs } from "node:fs/promises";
import type { Finding } from "../../shared/check/finding.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { SyncItemStatus } from "../../shared/core/status.js";
import { formatBytes } from "../text-table.js";

export interface FolderSpacePorts {
  /** Bytes that this user may still write in the file system of a path. */
  readonly freeBytes: (path: string) => Promise<number>;
  /** What the running actor knows of both sides; undefined when none answers. */
  readonly readFolders: () => Promise<readonly SyncItemStatus[] | undefined>;
}

/** Compares the room for each folder with its size: on this server by looking, on the other as its actor said last. */
export async function examineFolderSpace(
  settings: Settings,
  { freeBytes, readFolders }: FolderSpacePorts,
): Promise<readonly Finding[]> {
  if (settings.folders.length === 0) return [];
  const known = await readFolders();
  const findings: Finding[] = [];
  for (const [index, folder] of settings.folders.entries()) {
    const key = `folders[${index}].reservedFreeBytes`;
    const free = await freeBytes(folder.path).catch(() => undefined);
    // A path that cannot be looked at has a finding of its own.
    if (free !== undefined && free < folder.reservedFreeBytes) findings.push(reserveInUse(key, folder.name, free));
    const space = known?.find(({ kind, name }) => kind === "folder" && name === folder.name)?.space;
    if (space !== undefined && space.bytes > space.targetBytes + space.targetRoomBytes) {
      findings.push(tooSmall(key, folder.name, space));
    }
    if (space === undefined) findings.push(onlyHere(key, folder.name, free));
  }
  return findings;
}

/** As `df` counts what others than root may still write. */
export async function readFreeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

function reserveInUse(key: string, name: string, free: number): Finding {
  return {
    key,
    grade: "problem",
    message: `the disk of the folder ${name} has ${formatBytes(free)} left, less than the reserve: nothing can be brought to it`,
    hint: "free space on it, or set a smaller reserve",
  };
}

function tooSmall(key: string, name: string, space: NonNullable<SyncItemStatus["space"]>): Finding {
  const room = formatBytes(Math.max(0, space.targetBytes + space.targetRoomBytes));
  return {
    key,
    grade: "problem",
    message: `the folder ${name} holds ${formatBytes(space.bytes)}, and the other server has room for ${room} beside the reserve`,
    hint: "enlarge the disk of the other server, or ignore what need not be there",
  };
}

function onlyHere(key: string, name: string, free: number | undefined): Finding {
  return {
    key,
    grade: "notice",
    message: `the size of the folder ${name} was not compared with the room on the other server${free === undefined ? "" : ` (here are ${formatBytes(free)} free)`}`,
    hint: "run the check on the active server, with its actor running, after the first analysis",
  };
}
