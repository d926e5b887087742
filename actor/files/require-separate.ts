import path from "node:path";
import { AppError } from "../../shared/core/app-error.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";

/** Folders in each other would be synchronised twice; our own state in one of them would never come to rest. */
export function requireSeparate(folders: readonly FolderSettings[], stateDirectory: string): void {
  for (const folder of folders) {
    const others = folders.filter((other) => other !== folder).map((other) => other.path);
    if (!path.isAbsolute(folder.path)) throw unusable(`the path of the folder ${folder.name} is not absolute`);
    const inner = [...others, stateDirectory].find((other) => isInside(other, folder.path));
    if (inner !== undefined) throw unusable(`${inner} is in the folder ${folder.name} (${folder.path})`);
  }
}

function isInside(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === "" || !(relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative));
}

function unusable(because: string): AppError {
  const hint = "Give every folder a place of its own.";
  return new AppError("SETTINGS_INVALID", `The folders cannot be synchronised: ${because}.`, { hint });
}
