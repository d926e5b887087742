import path from "node:path";
import { watch, type FSWatcher } from "chokidar";
import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import { createFolderRules } from "../core/folder-rules.js";
import { isReserved } from "../core/file-path.js";
import { BurstGauge } from "./burst-gauge.js";
import type { ChangeEvents, ChangeSource } from "./change-source.js";

/** A change source on chokidar. It watches every file (one inotify watch each) and loses events of a large burst: after one it is uncertain. */
export function openWatcher(root: string, ignored: readonly string[], events: ChangeEvents): ChangeSource {
  const rules = createFolderRules({ ignore: ignored, largestFileBytes: 0 });
  const watcher = watch(root, {
    persistent: true,
    ignoreInitial: true,
    followSymlinks: false,
    // Both would hold events back; the delay per path is ours, and a rename over a file must be seen as such.
    atomic: false,
    awaitWriteFinish: false,
    // What cannot be read is found and reported by the analysis; as an error here it would start one analysis after another.
    ignorePermissionErrors: true,
    ignored: (file, stats) => {
      const relative = relativePath(root, file) ?? "";
      return isOurs(root, file) || (stats?.isDirectory() === true && rules.isIgnored(relative, true));
    },
  });
  const report = (file: string): void => {
    const relative = relativePath(root, file);
    if (relative !== undefined && !isOurs(root, file)) events.onDirty(relative);
  };
  watcher.on("all", (event, file) => {
    if (event === "unlinkDir" && relativePath(root, file) === "") events.onUncertain("the folder itself was removed");
    else report(file);
  });
  const gauge = new BurstGauge();
  // chokidar reports no change of mode; the raw event of the folder's watch does.
  watcher.on("raw", (_event, name, details) => {
    if (gauge.isTooMany(performance.now()))
      events.onUncertain("so many changes at once that some may have been dropped");
    const file = rawFile(name, details);
    if (file !== undefined && relativePath(root, file) !== "") report(file);
  });
  watcher.on("error", (error) => {
    events.onUncertain(explain(error));
  });
  return { ready: readiness(watcher), close: () => watcher.close() };
}

function readiness(watcher: FSWatcher): Promise<void> {
  return new Promise((resolve) => {
    watcher.once("ready", () => {
      resolve();
    });
    watcher.once("error", () => {
      resolve();
    });
  });
}

/** The event of a file's own watch names the file twice (its path, and its name in it). */
function rawFile(name: unknown, details: unknown): string | undefined {
  if (typeof details !== "object" || details === null || !("watchedPath" in details)) return undefined;
  const watched = details.watchedPath;
  if (typeof watched !== "string" || typeof name !== "string" || name === "") return undefined;
  return path.basename(watched) === name ? watched : path.join(watched, name);
}

/** Undefined for what is not in the folder. */
function relativePath(root: string, file: string): string | undefined {
  const relative = path.relative(root, file);
  if (relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return undefined;
  return path.sep === "/" ? relative : relative.replaceAll(path.sep, "/");
}

function isOurs(root: string, file: string): boolean {
  const first = relativePath(root, file)?.split("/")[0];
  return first !== undefined && isReserved(first);
}

function explain(error: unknown): string {
  if (errorCode(error) !== "ENOSPC" && errorCode(error) !== "EMFILE") return errorMessage(error);
  return `${errorMessage(error)}: raise fs.inotify.max_user_watches and max_user_instances (sysctl), or set watch: false`;
}
