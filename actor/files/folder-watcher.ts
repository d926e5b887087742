import { Worker } from "node:worker_threads";
import { errorMessage } from "../../shared/core/app-error.js";
import type { ChangeEvents, ChangeSource } from "./change-source.js";

/** What the thread says. */
export type WatchMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "probed" }
  | { readonly kind: "dirty"; readonly paths: readonly string[] }
  | { readonly kind: "uncertain"; readonly because: string }
  | { readonly kind: "limited"; readonly because: string };

/**
 * A change source for Linux: one inotify watch for each folder (not for each file), read in a thread of its own. Starts in the
 * time of a walk over the folders and needs memory for the folders only.
 */
export function openFolderWatcher(root: string, ignored: readonly string[], events: ChangeEvents): ChangeSource {
  let isClosed = false;
  let setReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    setReady = resolve;
  });
  let onProbed = (): void => undefined;
  const worker = new Worker(new URL("./watch-worker.js", import.meta.url), { workerData: { root, ignored } });
  const fail = (because: string): void => {
    if (!isClosed) events.onUncertain(because);
    setReady();
  };
  worker.on("message", (message: WatchMessage) => {
    if (isClosed) return;
    switch (message.kind) {
      case "ready":
        setReady();
        return;
      case "probed":
        onProbed();
        return;
      case "dirty":
        for (const path of message.paths) events.onDirty(path);
        return;
      case "uncertain":
        events.onUncertain(message.because);
        return;
      case "limited":
        events.onLimited(message.because);
    }
  });
  worker.on("error", (error) => {
    fail(`the watching thread failed: ${errorMessage(error)}`);
  });
  worker.on("exit", () => {
    fail("the watching thread ended");
  });
  return {
    ready,
    probe: () =>
      new Promise((resolve) => {
        onProbed = resolve;
        worker.postMessage("probe");
      }),
    close: async () => {
      isClosed = true;
      await worker.terminate();
    },
  };
}
