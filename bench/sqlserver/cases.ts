import type { BenchCase } from "../bench.js";
import { stagedApply } from "./staged-apply.js";

/** Cases that need a TDS server, whose address is in SPARESYNC_TEST_SQLSERVER. */
export const sqlServerCases: readonly BenchCase[] = [stagedApply];
