import type { OpenChangeSource } from "./change-source.js";
import { openFolderWatcher } from "./folder-watcher.js";
import { openWatcher } from "./watcher.js";

/** The change source for this system. */
export const openChangeSource: OpenChangeSource = process.platform === "linux" ? openFolderWatcher : openWatcher;
