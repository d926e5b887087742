import { errorCode } from "../../shared/core/app-error.js";
import { leafName, parentPath } from "../core/file-entry.js";
import { openInside } from "./confined-folder.js";

/** Size and time (whole milliseconds, cut) of what stands at a path inside a folder; undefined for nothing. */
export function lookAt(
  root: string,
  path: string,
): { readonly bytes: number; readonly modifiedAtMs: number } | undefined {
  try {
    const parent = openInside(root, parentPath(path));
    try {
      const stat = parent.glance(leafName(path));
      return stat === undefined ? undefined : { bytes: stat.size, modifiedAtMs: Math.floor(stat.mtimeMs) };
    } finally {
      parent.close();
    }
  } catch (error) {
    // A folder above it is not there, or is a link.
    if (errorCode(error) === "ENOENT" || errorCode(error) === "FILE_PATH_REFUSED") return undefined;
    throw error;
  }
}
