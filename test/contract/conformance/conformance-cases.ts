import { longTransaction } from "./case-01-long-transaction.js";
import { simultaneousStarts } from "./case-02-simultaneous-starts.js";
import { killedAtEachStep } from "./case-03-killed-at-each-step.js";
import { deliveredTwice } from "./case-04-delivered-twice.js";
import { restoredFromBackup } from "./case-05-restored-from-backup.js";
import { foreignKeys } from "./case-06-foreign-keys.js";
import { swappedKeys } from "./case-07-swapped-keys.js";
import { collations } from "./case-08-collations.js";
import { identities } from "./case-09-identities.js";
import { everyType } from "./case-10-every-type.js";
import { applicationTriggers } from "./case-11-application-triggers.js";
import { truncate } from "./case-12-truncate.js";
import { unseenWrites } from "./case-13-unseen-writes.js";
import { schemaChange } from "./case-14-schema-change.js";
import { copyUnderLoad } from "./case-15-copy-under-load.js";
import { alwaysConsistent } from "./case-16-always-consistent.js";
import { unplannedFailover } from "./case-17-unplanned-failover.js";
import { noLoop } from "./case-18-no-loop.js";
import { verification } from "./case-19-verification.js";
import { withoutATrace } from "./case-20-without-a-trace.js";
import type { ConformanceCase } from "./conformance-case.js";

/** All cases, in the order of their numbers. */
export const conformanceCases: readonly ConformanceCase[] = [
  longTransaction,
  simultaneousStarts,
  killedAtEachStep,
  deliveredTwice,
  restoredFromBackup,
  foreignKeys,
  swappedKeys,
  collations,
  identities,
  everyType,
  applicationTriggers,
  truncate,
  unseenWrites,
  schemaChange,
  copyUnderLoad,
  alwaysConsistent,
  unplannedFailover,
  noLoop,
  verification,
  withoutATrace,
];
