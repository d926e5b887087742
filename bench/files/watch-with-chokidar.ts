import { watch } from "chokidar";
import type { FileSideAnswer, FileSideRequest } from "../../test/support/file-side-protocol.js";

/** Watches a folder as the product's side does when asked to `watch-only`: the peer of the case `watch-start`. */
process.on("message", (message) => {
  const { id, value } = message as FileSideRequest;
  const watcher = watch(value as string, { ignoreInitial: true });
  const answer = (content: Omit<FileSideAnswer, "id">): void => {
    process.send?.({ id, ...content });
  };
  watcher.once("ready", () => {
    answer({ value: null });
  });
  watcher.once("error", (error) => {
    answer({ error: String(error) });
  });
});
process.on("disconnect", () => process.exit(0));
