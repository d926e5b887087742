import type { PathSystem } from "../core/file-path.js";

/** By whose rules names are judged on this server. */
export const pathSystem: PathSystem = process.platform === "win32" ? "windows" : "posix";
