import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type BenchCase, ours } from "../../bench.js";
import { canMeasureUsage, UsageMeter } from "../../process-usage.js";
import { scaled } from "../measure-session.js";
import { makeSmallFiles } from "../trees.js";
import type { FileSideAnswer } from "../../../test/support/file-side-protocol.js";

const mebibyte = 1024 * 1024;
/** The programs that watch a folder and say so; both load the modules of the whole files half first. */
const programs: Readonly<Record<string, string>> = {
  [ours]: join(import.meta.dirname, "../../../test/support/file-side.js"),
  chokidar: join(import.meta.dirname, "../watch-with-chokidar.js"),
};

/** T10. */
export const watchStart: BenchCase = {
  name: "watch-start",
  title: "from the wish to watch 100,000 files to the first change that would be seen; memory of the whole process",
  goals: [
    { measure: "seconds", unit: "s", peer: "none", target: 0.5 },
    { measure: "peakMebibytes", unit: "MiB", peer: "none", target: 120 },
    { measure: "seconds", unit: "s", peer: "chokidar", target: 0.1 },
  ],
  missing: () => undefined,
  open: (place) => {
    place.note("making the tree");
    makeSmallFiles(join(place.folder, "tree"), scaled(100_000, place), 64);
    return Promise.resolve({
      measure: async (contender) => {
        const child = fork(programs[contender] ?? "", [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
        const meter = new UsageMeter([child.pid ?? 0]);
        try {
          // One that is not there starts and loads the program, outside of the time.
          await watch(child, join(place.folder, "nothing"));
          const startedAt = performance.now();
          await watch(child, join(place.folder, "tree"));
          const seconds = (performance.now() - startedAt) / 1000;
          const peak = meter.now().peakBytes / mebibyte;
          return { seconds, ...(canMeasureUsage() ? { peakMebibytes: Math.round(peak) } : {}) };
        } finally {
          meter.stop();
          child.kill("SIGKILL");
        }
      },
      close: () => Promise.resolve(),
    });
  },
};

async function watch(child: ChildProcess, folder: string): Promise<void> {
  const answered = once(child, "message");
  child.send({ id: 1, task: "watch-only", value: folder });
  const [answer] = (await answered) as [FileSideAnswer];
  if (answer.error !== undefined) throw new Error(answer.error);
}
