import type { BenchCase } from "../bench.js";
import { backlogDrain } from "./cases/backlog-drain.js";
import { bulkUpdate } from "./cases/bulk-update.js";
import { incrementalFailback } from "./cases/incremental-failback.js";
import { initialLoad } from "./cases/initial-load.js";
import { lagP99 } from "./cases/lag-p99.js";
import { multiRowCost } from "./cases/multi-row-cost.js";
import { sustained } from "./cases/sustained.js";
import { triggerCost } from "./cases/trigger-cost.js";
import { verificationCost } from "./cases/verification-cost.js";
import { wireBytes } from "./cases/wire-bytes.js";

/** `npm run bench -- database`. */
export const databaseCases: readonly BenchCase[] = [
  initialLoad,
  bulkUpdate,
  backlogDrain,
  sustained,
  lagP99,
  triggerCost,
  multiRowCost,
  incrementalFailback,
  verificationCost,
  wireBytes,
];
