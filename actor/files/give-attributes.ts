import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { WireAttributes } from "../core/file-operation.js";

/** How one thing that stands on the disk is given its attributes; each may throw the system's error. */
export interface AttributeCalls {
  setOwner(uid: number, gid: number): void;
  setMode(mode: number): void;
  /** Returns which could not be set, for people. */
  setExtended(extended: string, isOwnerKept: boolean): readonly string[];
  setTime(mtimeNs: bigint): void;
}

/**
 * Errors that say what a file system or this user can never set (chown(2), chmod(2)). Whatever else goes wrong is no
 * property of the attribute: a disk that fails, or is full, is told as that.
 */
const neverSettable: ReadonlySet<string | undefined> = new Set([
  "EPERM",
  "EACCES",
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EOVERFLOW",
]);

const setIdBits = 0o6000;
const nothing: readonly string[] = [];

/**
 * Gives something its owner, mode, extended attributes and time: in this order, because a change of owner takes set-id bits and
 * capabilities away, and one of the mode changes an access list. What cannot be set holds up nothing else; it is returned, for
 * people. Throws the system's error where the reason is another one.
 */
export function giveAttributes(
  { mode, mtimeNs, uid, gid, extended }: WireAttributes,
  calls: AttributeCalls,
): readonly string[] {
  const isOwnerKept = uid !== undefined && gid !== undefined;
  const noOwner = isOwnerKept ? tryOwner(uid, gid, calls) : undefined;
  // With another owner than it is meant for, such a program would run as somebody it must not.
  const safeMode = noOwner === undefined ? mode : mode & ~setIdBits;
  const noMode = trySet(() => {
    calls.setMode(safeMode);
  });
  const noExtended = extended === undefined ? nothing : calls.setExtended(extended, isOwnerKept);
  calls.setTime(mtimeNs);
  if (noOwner === undefined && noMode === undefined && noExtended.length === 0) return nothing;
  return [
    ...(noOwner === undefined ? [] : [noOwner]),
    ...(safeMode === mode ? [] : ["The set-id bits are left out without the owner."]),
    ...(noMode === undefined ? [] : [`The mode ${mode.toString(8)} cannot be set: ${noMode}.`]),
    ...noExtended,
  ];
}

/** Why an owner cannot be set, for people; undefined when it is. */
export function tryOwner(uid: number, gid: number, calls: Pick<AttributeCalls, "setOwner">): string | undefined {
  const because = trySet(() => {
    calls.setOwner(uid, gid);
  });
  return because === undefined ? undefined : `The owner ${uid}:${gid} cannot be set: ${because}.`;
}

function trySet(set: () => void): string | undefined {
  try {
    set();
    return undefined;
  } catch (error) {
    if (!neverSettable.has(errorCode(error))) throw error;
    return errorMessage(error);
  }
}
