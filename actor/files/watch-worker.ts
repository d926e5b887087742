import { parentPort, workerData } from "node:worker_threads";
import { FolderWatches } from "./folder-watches.js";
import type { WatchMessage } from "./folder-watcher.js";

/** The program of the thread in which a folder's events arrive: nothing else can keep it from reading them. */
const { root } = workerData as { readonly root: string };

const post = (message: WatchMessage): void => {
  parentPort?.postMessage(message);
};

new FolderWatches(root, {
  onDirty: (paths) => {
    post({ kind: "dirty", paths });
  },
  onUncertain: (because) => {
    post({ kind: "uncertain", because });
  },
  onLimited: (because) => {
    post({ kind: "limited", because });
  },
}).start();
post({ kind: "ready" });
