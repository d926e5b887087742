import { statSync } from "node:fs";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { isReserved } from "../core/file-path.js";
import { decideFileSafety, fileSafetyLimits, type FileSafetyFacts } from "../core/file-safety.js";
import { ConfinedFolder } from "./confined-folder.js";
import { pathSystem } from "./scanner.js";

/** Throws FILE_VETO unless the root is a folder that can be looked at. */
export function requireRoot(root: string): void {
  requireSafe({ sourceRoot: lookAtRoot(root), isSourceEmpty: false, filesOnTarget: 0, filesGone: 0 });
}

/** Throws FILE_VETO when so much of the source is gone that nobody should believe it without asking. */
export function requireFewGone(root: string, filesOnTarget: number, filesGone: number): void {
  requireSafe({ sourceRoot: "folder", isSourceEmpty: isRootEmpty(root), filesOnTarget, filesGone });
}

function lookAtRoot(root: string): FileSafetyFacts["sourceRoot"] {
  try {
    return statSync(root).isDirectory() ? "folder" : "not-a-folder";
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return "missing";
    throw new AppError("FILE_FAILED", `The source cannot be looked at: ${errorMessage(error)}.`, { cause: error });
  }
}

function requireSafe(facts: FileSafetyFacts): void {
  const decision = decideFileSafety(facts, fileSafetyLimits);
  if (decision.isSafe) return;
  throw new AppError("FILE_VETO", `Nothing is synchronised: ${decision.because}.`, { hint: decision.hint });
}

function isRootEmpty(root: string): boolean {
  const folder = ConfinedFolder.openRoot(root);
  try {
    return folder.names().every((name) => isReserved(name.toString("utf8"), pathSystem));
  } finally {
    folder.close();
  }
}
