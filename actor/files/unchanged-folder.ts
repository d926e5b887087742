import { constants } from "node:fs";
import { joinPath } from "../core/file-entry.js";
import { findUnrepresentable } from "../core/file-path.js";
import type { FolderRecord } from "../core/folder-record.js";
import { StateChecker, type NumericState } from "../core/state-checker.js";
import type { ConfinedFolder } from "./confined-folder.js";
import { isLookalike, isOwnName, type FolderLook, type LookPorts } from "./folder-look.js";
import { pathSystem } from "./path-system.js";

/**
 * The look at a folder in which every entry is as its record says; undefined as soon as anything is not, or needs more than
 * a comparison (something that is reported, ignored, not known, or that cannot be looked at). Costs half of a look that remembers.
 */
export async function lookIfUnchanged(
  folder: ConfinedFolder,
  path: string,
  record: FolderRecord,
  { pace, pathSystem: otherSystem = pathSystem }: Pick<LookPorts, "pace" | "pathSystem">,
): Promise<FolderLook | undefined> {
  const names = folder.textNames();
  const wanted = path === "" ? names.filter((name) => !isOwnName(name)) : names;
  if (wanted.length !== record.count || (path === "" && names.some(isLookalike))) return undefined;
  const isFaulty = (name: string): boolean => findUnrepresentable(joinPath(path, name), otherSystem) !== undefined;
  if (otherSystem !== pathSystem && wanted.some(isFaulty)) return undefined;
  const checker = new StateChecker(record.states);
  const folders: { name: string; index: number }[] = [];
  for (const [index, name] of wanted.sort().entries()) {
    const turn = pace.step();
    if (turn !== undefined) await turn;
    const kind = checker.nextKind(name);
    if (kind === undefined || kind === "other") return undefined;
    const stat = tryGlance(folder, name);
    if (stat === undefined || !isKind(stat, kind) || !checker.isSame(stat)) return undefined;
    if (kind === "folder") folders.push({ name, index });
  }
  return { states: { bytes: record.states, count: record.count }, folders };
}

/** What one entry does not give (EIO, EACCES) is for the look that reports it: the others in the folder are not to wait for it. */
function tryGlance(folder: ConfinedFolder, name: string): NumericState | undefined {
  try {
    return folder.glance(name);
  } catch {
    return undefined;
  }
}

const formats = { file: constants.S_IFREG, folder: constants.S_IFDIR, link: constants.S_IFLNK } as const;

function isKind({ mode }: NumericState, kind: keyof typeof formats): boolean {
  return (mode & constants.S_IFMT) === formats[kind];
}
