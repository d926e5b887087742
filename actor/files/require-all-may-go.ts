import { errorCode } from "../../shared/core/app-error.js";
import type { PlannedOperation } from "../core/file-diff.js";
import type { FileEntry } from "../core/file-entry.js";
import { largestNumberGone } from "../core/file-safety.js";
import { entryOf } from "../core/folder-record.js";
import type { GoneCounter } from "./gone-counter.js";
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
 * what is replaced and removed, none of it makes room; that, and what goes, is counted by a comparison that sends nothing.
 */
export async function requireAllMayGo(
  source: TreeScan,
  target: TargetTree,
  gone: GoneCounter,
  ports: PassPorts,
): Promise<void> {
  const { roomBytes } = target;
  const moreBytes = source.totals.bytes - target.bytes;
  if (moreBytes > roomBytes) requireRoomFor(moreBytes - (await holesOfAll(ports)), roomBytes);
  if (source.digest.toString("hex") === target.digest) return;
  // With all of it anew it would fit.
  const isRoomDoubtful = ports.keepsReplaced && source.totals.bytes > roomBytes;
  if (!isRoomDoubtful && target.files <= largestNumberGone) return;
  let bytes = 0;
  const compare = new TreeCompare({
    ...ports,
    hasOwner: target.hasOwner,
    emit: (operation) => {
      if (isRoomDoubtful) bytes += bytesToCome(operation, ports);
      return undefined;
    },
    onFilesGone: (files) => {
      gone.add(files);
    },
    onFound: () => undefined,
  });
  await compare.run(entryOf("", source.root), source.digest);
  gone.addRest(compare.filesGone);
  if (isRoomDoubtful) requireRoomFor(bytes, roomBytes);
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
