import { realpathSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../shared/core/app-error.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";

/**
 * Folders in each other would be synchronised twice, and each would take away what is the other's; our own state in one of
 * them would never come to rest. What counts is where a path leads to by links, and not its text alone.
 */
export function requireSeparate(folders: readonly FolderSettings[], stateDirectory: string): void {
  for (const folder of folders) {
    if (!path.isAbsolute(folder.path)) throw unusable(`the path of the folder ${folder.name} is not absolute`);
    const others = folders.filter((other) => other !== folder).map((other) => other.path);
    for (const other of [...others, stateDirectory]) {
      if (isInside(other, folder.path)) throw unusable(`${other} is in the folder ${folder.name} (${folder.path})`);
      if (isInside(realPath(other), realPath(folder.path))) {
        throw unusable(`${other} leads into the folder ${folder.name} (${folder.path})`);
      }
    }
  }
}

/** Where it leads to; of what is not there yet, where the part that is there leads to. */
function realPath(place: string): string {
  const absolute = path.resolve(place);
  try {
    return realpathSync(absolute);
  } catch {
    const above = path.dirname(absolute);
    return above === absolute ? absolute : path.join(realPath(above), path.basename(absolute));
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
