import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { FolderSystem } from "../core/folder-system.js";
import type { PathSystem } from "../core/file-path.js";
import type { FolderRules } from "../core/folder-rules.js";
import type { FolderStore } from "./folder-store.js";
import { pathSystem } from "./path-system.js";
import type { UnnamedProblems } from "./failing-paths.js";
import type { Overtaking } from "./overtaking.js";
import type { FileProblem } from "./scanner.js";
import type { SourceSafety } from "./source-safety.js";
import type { TargetPeer } from "./target-peer.js";
import type { Bandwidth } from "./bandwidth.js";
import type { TransferLimits } from "./transfer-limits.js";

/** Operations and bytes, done and known of so far. */
export interface PassProgress {
  readonly done: number;
  readonly total: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Of a full analysis: how far it is, never less than before, and since when it sends (monotonic milliseconds). */
  readonly ratio?: number;
  readonly sinceMs?: number;
}

export interface PassPorts {
  readonly root: string;
  readonly rules: FolderRules;
  readonly safety: SourceSafety;
  readonly peer: TargetPeer;
  readonly store: FolderStore;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly signal: AbortSignal;
  readonly limits: TransferLimits;
  readonly bandwidth: Bandwidth;
  /** Every file is read on both sides and its content compared. */
  readonly hasContent: boolean;
  /** Whoever writes has been stopped. */
  readonly isAtRest: boolean;
  /** `.deleted` of the target keeps what is replaced and removed. */
  readonly keepsReplaced: boolean;
  readonly onProgress: (progress: PassProgress) => void;
  /** Whoever waits goes ahead of a large file; undefined: nobody does. */
  readonly overtaking: Overtaking | undefined;
}

/** How the two sides are compared. */
export type AnalysisKind = Pick<PassPorts, "hasContent" | "isAtRest">;

export const usualAnalysis: AnalysisKind = { hasContent: false, isAtRest: false };

/** What is known from the last full analysis; a pass over some paths cannot count the folder's files itself. */
export interface PassMemory {
  /** Files on the target after the last full analysis. */
  readonly filesAtAnalysis: number;
  /** The same, with what the passes since have added and removed. */
  readonly filesNow: number;
  /** The target can set owners, so they are compared and kept. */
  readonly hasOwner: boolean;
  /** By whose rules names are judged: those of Windows if one of the servers runs it. */
  readonly pathSystem: PathSystem;
}

export interface FolderSpace {
  readonly bytes: number;
  readonly targetBytes: number;
  readonly targetRoomBytes: number;
}

/** Before the first analysis. */
export function newMemory(): PassMemory {
  // Owners are compared where this server can read and set any; the target says whether it can.
  return { filesAtAnalysis: 0, filesNow: 0, hasOwner: process.getuid?.() === 0, pathSystem };
}

export interface MovedFolder {
  readonly from: string;
  readonly to: string;
}

export interface PassResult {
  readonly changes: number;
  readonly bytes: number;
  readonly problems: readonly FileProblem[];
  /** Files of which the target has the beginning, as it was at this time (monotonic milliseconds), and more has come since. */
  readonly grown: ReadonlyMap<string, number>;
  /** So many more were found that there was no room for their names. */
  readonly problemsUnnamed?: UnnamedProblems;
  /** Of a full analysis: what seems to be gone stayed, for it may have been moved while the folder was looked at. */
  readonly isUndecided?: boolean;
  /** Of a full analysis: the source's bytes, the target's, and what may still come there. */
  readonly space?: FolderSpace;
  /** Of a full analysis: what the target has found out about its file system. */
  readonly system?: FolderSystem;
  /** Of a full analysis: how long both sides looked at their trees, in milliseconds; without what was sent afterwards. */
  readonly lookMs?: number;
  /** Folders that were renamed as a whole: what is still to be looked at below the old name is below the new one. */
  readonly moved?: readonly MovedFolder[];
  /** For the next pass. */
  readonly memory: PassMemory;
}

/** How problems on the target are told to people: they are not tried again, the next analysis finds them anew. */
export function targetProblems(
  problems: readonly { readonly path: string; readonly because: string }[],
): FileProblem[] {
  return problems.map(({ path, because }) => ({ path, kind: "skipped", because: `On the target: ${because}` }));
}
