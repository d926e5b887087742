import type { BenchCase } from "../bench.js";
import { burst } from "./cases/burst.js";
import { burst100k } from "./cases/burst-100k.js";
import { deltaLargeFile } from "./cases/delta-large-file.js";
import { initial100k } from "./cases/initial-100k.js";
import { initialLargeFile } from "./cases/initial-large-file.js";
import { initialSmallFiles } from "./cases/initial-small-files.js";
import { initialSmallFilesNotDurable } from "./cases/initial-small-files-not-durable.js";
import { latency, latencyWithDelay } from "./cases/latency.js";
import { memoryCases } from "./cases/memory.js";
import { renameFolder } from "./cases/rename-folder.js";
import { renameFolderWatched } from "./cases/rename-folder-watched.js";
import { rescanUnchanged } from "./cases/rescan-unchanged.js";
import { sameSecondRewrite } from "./cases/same-second-rewrite.js";
import { watchStart } from "./cases/watch-start.js";

/** `npm run bench -- files`. */
export const fileCases: readonly BenchCase[] = [
  initialSmallFiles,
  initialSmallFilesNotDurable,
  initial100k,
  initialLargeFile,
  rescanUnchanged,
  deltaLargeFile,
  renameFolder,
  renameFolderWatched,
  latency,
  latencyWithDelay,
  burst,
  burst100k,
  watchStart,
  sameSecondRewrite,
  ...memoryCases,
];
