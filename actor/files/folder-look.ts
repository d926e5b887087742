import * as fs from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import { tooMuchExtended, type ExtendedReading } from "../core/extended-attributes.js";
import { joinPath, type FileKind } from "../core/file-entry.js";
import {
  checkLinkTarget,
  deepestLevel,
  fileNameFault,
  findUnrepresentable,
  deletedFolder,
  isReserved,
  ownFolder,
  longestPathBytes,
  visibleName,
  type PathSystem,
} from "../core/file-path.js";
import type { FolderRules } from "../core/folder-rules.js";
import type { EntryState } from "../core/folder-record.js";
import { StateWriter } from "../core/state-writer.js";
import type { ConfinedFolder } from "./confined-folder.js";
import type { ExactState } from "./quick-stat.js";
import { pathSystem } from "./path-system.js";
import { extendedProblem, kindOf, tooLarge, type FileProblem } from "./scanner.js";

/** One look at what is in a folder, not below it. */
export interface FolderLook {
  readonly states: Pick<StateWriter, "bytes" | "count">;
  /** The folders in it, with their place in the order of the states. */
  readonly folders: readonly { readonly name: string; readonly index: number }[];
}

export interface LookPorts {
  readonly pace: Pace;
  readonly rules: FolderRules;
  readonly report: (problem: FileProblem) => void;
  /** By whose rules names are judged beside this server's own. */
  readonly pathSystem?: PathSystem;
}

/** Whether a name in the root of a folder is SpareSync's own. */
export function isOwnName(name: string): boolean {
  return isReserved(name);
}

const lookalikeText = "on a file system that ignores case it would be a folder of SpareSync's own";

/** Not what we keep there, and still not to be copied. */
export function isLookalike(name: string): boolean {
  return isReserved(name) && name !== deletedFolder && name !== ownFolder;
}

/** One lstat costs 2 to 10 microseconds: a slice stays far below what the confirm loop beside it would feel. */
const sliceEntries = 512;

/** What decoding puts in the place of bytes that are not UTF-8. */
const replacement = "\ufffd";

/** Lets others have their turn after each slice of a walk. */
export class Pace {
  #entries = 0;

  /** Undefined while there is no need to wait. */
  step(): Promise<void> | undefined {
    this.#entries += 1;
    return this.#entries % sliceEntries === 0 ? nextTurn() : undefined;
  }
}

/**
 * Looks at everything in a folder, in the order of names by code unit, links not followed. What cannot be sent by its name is
 * left out and reported; what cannot be looked at is given as `other`, so that nobody believes it gone.
 */
export async function lookAtFolder(folder: ConfinedFolder, path: string, ports: LookPorts): Promise<FolderLook> {
  const states = new StateWriter();
  const folders: { name: string; index: number }[] = [];
  for (const name of readNames(folder, path, ports)) {
    const turn = ports.pace.step();
    if (turn !== undefined) await turn;
    const state = lookAt(folder, name, path, ports);
    if (state === undefined) continue;
    if (state.kind === "folder") folders.push({ name, index: states.count });
    states.add(state);
  }
  return { states, folders };
}

/** Undefined of what has none that could be kept: links, devices. */
export function extendedOf(folder: ConfinedFolder, name: string, kind: FileKind): ExtendedReading {
  return kind === "file" || kind === "folder" ? folder.extended(name) : undefined;
}

/** The state of what stands at a name; undefined for nothing and for a link that cannot be copied. */
export function stateOf(folder: ConfinedFolder, name: string): EntryState | undefined {
  const stat = folder.exact(name);
  if (stat === undefined) return undefined;
  const kind = kindOf(stat);
  const linkTarget = kind === "link" ? fs.readlinkSync(folder.place(name)) : "";
  return toState(name, stat, linkTarget, extendedOf(folder, name, kind));
}

/** What a stat says, in our words. */
export function toState(name: string, stat: ExactState, linkTarget: string, extended?: ExtendedReading): EntryState {
  const kind = kindOf(stat);
  return {
    name,
    kind,
    // The size of a folder differs between file systems and means nothing.
    size: kind === "file" ? Number(stat.size) : 0,
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    ino: stat.ino,
    mode: kind === "link" ? 0 : Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    linkTarget,
    extended: typeof extended === "string" ? extended : undefined,
    hasTooMuchExtended: extended === tooMuchExtended ? true : undefined,
  };
}

function readNames(folder: ConfinedFolder, path: string, ports: LookPorts): string[] {
  const { rules, report, pathSystem: otherSystem = pathSystem } = ports;
  const room = longestPathBytes - Buffer.byteLength(path) - 1;
  const isTooDeep = path !== "" && path.split("/").length >= deepestLevel;
  const names: string[] = [];
  const faulty = new Map<string, string>();
  for (const name of readTextNames(folder, path, ports)) {
    if (path === "" && (name === deletedFolder || name === ownFolder)) continue;
    const fault =
      (path === "" && isLookalike(name) ? lookalikeText : undefined) ??
      fileNameFault(name, pathSystem) ??
      (isTooDeep ? `it is deeper than ${deepestLevel} levels` : undefined) ??
      (name.length * 3 > room && Buffer.byteLength(name) > room
        ? `it is longer than ${longestPathBytes} bytes`
        : undefined) ??
      (otherSystem === pathSystem ? undefined : findUnrepresentable(joinPath(path, name), otherSystem)?.because);
    if (fault === undefined) names.push(name);
    else if (!rules.isIgnored(joinPath(path, name), false)) faulty.set(name, fault);
  }
  if (faulty.size > 0) reportNames(folder, path, faulty, report);
  return names.sort();
}

/** Without those that are not UTF-8, which are reported: as text several may look the same, and the same as one that is. */
function readTextNames(folder: ConfinedFolder, path: string, { rules, report }: LookPorts): readonly string[] {
  const names = folder.textNames();
  if (!names.some((name) => name.includes(replacement))) return names;
  const whole: string[] = [];
  for (const bytes of folder.names()) {
    const name = bytes.toString("utf8");
    if (!name.includes(replacement) || Buffer.from(name, "utf8").equals(bytes)) whole.push(name);
    else if (!rules.isIgnored(joinPath(path, name), false)) {
      report({ path: joinPath(path, visibleName(bytes)), kind: "skipped", because: "its name is not UTF-8" });
    }
  }
  return whole;
}

function reportNames(
  folder: ConfinedFolder,
  path: string,
  faults: ReadonlyMap<string, string>,
  report: (problem: FileProblem) => void,
): void {
  for (const bytes of folder.names()) {
    const because = faults.get(bytes.toString("utf8"));
    if (because !== undefined) report({ path: joinPath(path, visibleName(bytes)), kind: "skipped", because });
  }
}

function lookAt(
  folder: ConfinedFolder,
  name: string,
  path: string,
  { rules, report }: LookPorts,
): EntryState | undefined {
  try {
    const stat = folder.exact(name);
    if (stat === undefined) return undefined;
    const kind = kindOf(stat);
    const because = { value: "" };
    const linkTarget = kind === "link" ? readLink(folder, name, because) : "";
    const state = toState(name, stat, linkTarget ?? "", extendedOf(folder, name, kind));
    if (rules.isIgnored(joinPath(path, name), state.kind === "folder")) return undefined;
    if (state.kind === "other") because.value = "a device, socket or FIFO";
    if (state.kind === "file" && state.size > rules.largestFileBytes) because.value = tooLarge(rules);
    if (because.value === "") {
      if (state.hasTooMuchExtended === true) report(extendedProblem(joinPath(path, name)));
      return state;
    }
    report({ path: joinPath(path, name), kind: "skipped", because: because.value });
    return { ...state, kind: "other" };
  } catch (error) {
    const code = errorCode(error);
    const isChanged = code === "EINVAL" || code === "ENOTDIR" || code === "ENOENT";
    report({ path: joinPath(path, name), kind: isChanged ? "changed" : "failed", because: errorMessage(error) });
    return unknownState(name);
  }
}

/** Undefined, with the reason, for a link that cannot be copied word for word. */
function readLink(folder: ConfinedFolder, name: string, because: { value: string }): string | undefined {
  const bytes = fs.readlinkSync(folder.place(name), { encoding: "buffer" });
  const linkTarget = bytes.toString("utf8");
  const verdict = checkLinkTarget(linkTarget);
  if (!verdict.isAllowed) because.value = verdict.because;
  else if (!Buffer.from(linkTarget, "utf8").equals(bytes)) because.value = "the link's target is not UTF-8";
  return because.value === "" ? linkTarget : undefined;
}

/** Whether it is the state of something that could not be looked at: no file system has such a thing. */
export function isUnknown({ kind, ino }: Pick<EntryState, "kind" | "ino">): boolean {
  return kind === "other" && ino === 0n;
}

function unknownState(name: string): EntryState {
  const nothing = { size: 0, mtimeNs: 0n, ctimeNs: 0n, ino: 0n, mode: 0, uid: 0, gid: 0, linkTarget: "" };
  return { name, kind: "other", ...nothing };
}
