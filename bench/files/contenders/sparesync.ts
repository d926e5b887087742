import { FileProcessPair } from "../../../test/support/file-process-pair.js";
import { ours } from "../../bench.js";
import { type CountingRelay, openCountingRelay } from "../../counting-relay.js";
import { UsageMeter } from "../../process-usage.js";
import type { Contender } from "../contender.js";

/** The product: the files halves of two actors, each in a process, over the real link (mutual TLS). Durable unless asked not to be. */
export const sparesync: Contender = {
  name: ours,
  missing: () => undefined,
  open: async ({ source, target, scratch, watchDelaySeconds, isCounting = false, isHasty = false }) => {
    let relay: CountingRelay | undefined;
    const pair = await FileProcessPair.set({
      base: scratch,
      roots: { primary: source, secondary: target },
      folder: { name: "files", delaySeconds: watchDelaySeconds ?? 0, keepDeletedDays: 0 },
      transfer: { syncToDisk: !isHasty },
      relay: async (port) => {
        if (!isCounting) return port;
        relay = await openCountingRelay(port);
        return relay.port;
      },
    });
    await pair.begin(watchDelaySeconds !== undefined);
    const meter = new UsageMeter([pair.side("primary").pid, pair.side("secondary").pid]);
    return {
      synchronise: async () => {
        await pair.side("primary").ask("synchronise", null);
      },
      progress: async () => {
        const [folder] = await pair.side("primary").ask("status", null);
        const { doneFiles = 0, totalFiles = 0 } = folder?.transfer ?? {};
        return totalFiles === 0 ? "looking at both sides" : `${doneFiles} of ${totalFiles} files found so far`;
      },
      usage: () => Promise.resolve(meter.now()),
      resetPeak: () => {
        meter.reset();
      },
      wireBytes: () => relay?.bytes() ?? Number.NaN,
      close: async () => {
        meter.stop();
        await pair.end();
        await relay?.close();
      },
    };
  },
};
