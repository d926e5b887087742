import { errorCode } from "../../shared/core/app-error.js";
import type { PlannedOperation } from "../core/file-diff.js";
import type { FileEntry } from "../core/file-entry.js";
import { largestNumberGone } from "../core/file-safety.js";
import { entryOf } from "../core/folder-record.js";
import { GoneCounter, type FileNumbers } from "./gone-counter.js";
import { GoneNames } from "./gone-names.js";
import type { PassPorts } from "./pass.js";
import { scanPaths } from "./scanner.js";
import { holesIn, requireRoomFor } from "./target-room.js";
import type { TargetTree } from "./target-peer.js";
import { TreeCompare } from "./tree-compare.js";
import type { TreeScan } from "./tree-scan.js";

/** Holes of smaller files are not worth looking for. */
const worthALookBytes = 64 * 1024;

/**
 * Throws FILE_NO_SPACE or FILE_VETO before a full analysis begins to send what cannot fit, or what nobody should believe without asking:
 * what a refused analysis had sent would enlarge the target, and be taken for a reason to go on the next time. Where `.deleted` keeps
 * what is replaced and removed, none of it makes room; that, and what goes, is counted by a comparison that sends nothing. Returns
 * the names of what goes, where a person had to be asked about it.
 */
export async function requireAllMayGo(
  source: TreeScan,
  target: TargetTree,
  numbers: FileNumbers,
  ports: PassPorts,
): Promise<GoneNames | undefined> {
  const { roomBytes } = target;
  const { isSafeByNumbers } = new GoneCounter(ports.safety, numbers);
  const moreBytes = source.totals.bytes - target.bytes;
  // A person who is asked has a reason to see why, room or none.
  if (isSafeByNumbers && moreBytes > roomBytes) requireRoomFor(moreBytes - (await holesOfAll(ports)), roomBytes);
  if (source.digest.toString("hex") === target.digest) return undefined;
  // With all of it anew it would fit.
  const isRoomDoubtful = ports.keepsReplaced && source.totals.bytes > roomBytes;
  if (!isRoomDoubtful && isSafeByNumbers && target.files <= largestNumberGone) return undefined;
  let bytes = 0;
  let inTheWay = 0;
  const names = new GoneNames();
  const compare = new TreeCompare({
    ...ports,
    hasOwner: target.hasOwner,
    emit: (operation) => {
      if (isRoomDoubtful) bytes += bytesToCome(operation, ports);
      addName(names, operation);
      return undefined;
    },
    onFilesGone: (files) => {
      inTheWay += files;
    },
    onFound: () => undefined,
  });
  await compare.run(entryOf("", source.root), source.digest);
  const isSafe = new GoneCounter(ports.safety, numbers).isSafeFor(inTheWay + compare.filesGone);
  if (!isSafe) {
    for (const one of compare.gone) for await (const removal of compare.removals(one, "gone")) addName(names, removal);
    const gone = new GoneCounter(ports.safety, numbers, names);
    gone.requireSafe();
    gone.addRest(inTheWay + compare.filesGone);
    if (moreBytes > roomBytes) requireRoomFor(moreBytes - (await holesOfAll(ports)), roomBytes);
  }
  if (isRoomDoubtful) requireRoomFor(bytes, roomBytes);
  return isSafe ? undefined : names;
}

function addName(names: GoneNames, operation: PlannedOperation): void {
  if (operation.do === "remove" && operation.entry.kind !== "folder") names.add(operation.entry.path);
}

/** Bytes that an operation takes on the target for certain, beside what stands there. */
function bytesToCome(operation: PlannedOperation, { root, limits }: PassPorts): number {
  if (operation.do !== "put-file") return 0;
  const { entry, basis } = operation;
  // It may just have been touched.
  if (entry.size === basis?.size) return 0;
  // Built on a copy that takes no room where blocks are shared; where they are not the target asks for it.
  if (basis !== undefined && entry.size >= limits.blockwiseFromBytes) return Math.max(0, entry.size - basis.size);
  return entry.size < worthALookBytes ? entry.size : entry.size - holesOf(root, entry);
}

function holesOf(root: string, entry: FileEntry): number {
  try {
    return holesIn(root, [entry]);
  } catch (error) {
    // It went since it was looked at, with the folder around it.
    if (errorCode(error) === "ENOENT" || errorCode(error) === "FILE_PATH_REFUSED") return 0;
    throw error;
  }
}

async function holesOfAll({ root, rules, signal }: PassPorts): Promise<number> {
  let holes = 0;
  for await (const { entries } of scanPaths(root, [""], rules)) {
    signal.throwIfAborted();
    holes += holesIn(root, entries);
  }
  return holes;
}
