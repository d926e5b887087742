import { parentPort, workerData } from "node:worker_threads";
import { createFolderRules } from "../core/folder-rules.js";
import { FolderWatches, type WatchesEvents } from "./folder-watches.js";
import type { WatchMessage } from "./folder-watcher.js";

/** The program of the thread in which a folder's events arrive: nothing else can keep it from reading them. */
const { root, ignored } = workerData as { readonly root: string; readonly ignored: readonly string[] };
const rules = createFolderRules({ ignore: ignored, largestFileBytes: 0 });

const post = (message: WatchMessage): void => {
  parentPort?.postMessage(message);
};

const events: WatchesEvents = {
  onDirty: (paths) => {
    post({ kind: "dirty", paths });
  },
  onUncertain: (because) => {
    post({ kind: "uncertain", because });
  },
  onLimited: (because) => {
    post({ kind: "limited", because });
  },
};

const watches = new FolderWatches(root, events, { isIgnored: (folder) => rules.isIgnored(folder, true) });
watches.start();
// Whatever the other end says, it asks for a probe.
parentPort?.on("message", () => {
  watches.probe(() => {
    post({ kind: "probed" });
  });
});
post({ kind: "ready" });
