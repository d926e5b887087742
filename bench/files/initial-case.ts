import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BenchCase, BenchPlace, Goal } from "../bench.js";
import { contenderNamed } from "./contenders.js";
import { measureSession, missingContender } from "./measure-session.js";
import { tellProgress } from "./tell-progress.js";
import { countFiles, emptied } from "./trees.js";

export interface InitialCaseOptions {
  readonly name: string;
  readonly title: string;
  readonly goals: readonly Goal[];
  readonly isOnRequest?: true;
  /** In memory nothing waits for a disk; the product is told not to make anything durable, as the peers do not. */
  readonly isInMemory?: true;
  /** Fills an empty source folder. */
  readonly fill: (root: string, place: BenchPlace) => void;
}

/** A case in which a full source is brought to an empty target, by processes that have just been started. */
export function initialCase(options: InitialCaseOptions): BenchCase {
  const { name, title, goals, isOnRequest, isInMemory, fill } = options;
  return {
    name,
    title,
    goals,
    ...(isOnRequest === undefined ? {} : { isOnRequest }),
    watchedMeasures: ["wireBytes"],
    missing: missingContender,
    open: (place) => {
      const base = isInMemory === true ? place.memoryFolder : place.folder;
      const source = emptied(join(base, "source"));
      place.note("making the source");
      fill(source, place);
      const files = countFiles(source);
      let count = 0;
      return Promise.resolve({
        measure: async (contender, isWatched) => {
          count += 1;
          const target = emptied(join(base, "target"));
          const scratch = join(place.folder, `run-${count}`);
          mkdirSync(scratch);
          const session = await contenderNamed(contender).open({
            source,
            target,
            scratch,
            isCounting: isWatched,
            isHasty: isInMemory === true,
          });
          try {
            const sample = await measureSession(session, isWatched, async () => {
              await tellProgress(session, place.note, () => session.synchronise());
              return undefined;
            });
            const arrived = countFiles(target);
            if (arrived !== files) throw new Error(`${arrived} of ${files} files are on the target`);
            return sample;
          } finally {
            await session.close();
            for (const folder of [scratch, target, join(source, ".stfolder"), join(source, ".sparesync")]) {
              rmSync(folder, { recursive: true, force: true });
            }
          }
        },
        close: () => Promise.resolve(),
      });
    },
  };
}
