import type { Route } from "../route.js";
import { getDatabaseTask } from "./get-database-task.js";
import { getDecisions } from "./get-decisions.js";
import { getDivergence } from "./get-divergence.js";
import { getDrills } from "./get-drills.js";
import { getFiles } from "./get-files.js";
import { getHealthy } from "./get-healthy.js";
import { getHistory } from "./get-history.js";
import { getOperation } from "./get-operation.js";
import { getOperations } from "./get-operations.js";
import { getStatus } from "./get-status.js";
import { getPlan } from "./get-plan.js";
import { postAbort } from "./post-abort.js";
import { postAdopt } from "./post-adopt.js";
import { postAlertmanagerWebhook } from "./post-alertmanager-webhook.js";
import { postDivergenceAcknowledge } from "./post-divergence-acknowledge.js";
import { postDnsTest } from "./post-dns-test.js";
import { postDatabaseTask } from "./post-database-task.js";
import { postDrill } from "./post-drill.js";
import { postEnabled } from "./post-enabled.js";
import { postFilesAnalyse } from "./post-files-analyse.js";
import { postFilesApprove } from "./post-files-approve.js";
import { postFirstRecord } from "./post-first-record.js";
import { postMarkChecked } from "./post-mark-checked.js";
import { postOperation } from "./post-operation.js";
import { postPause } from "./post-pause.js";
import { postResume } from "./post-resume.js";
import { postTestMessage } from "./post-test-message.js";
import { postRetry } from "./post-retry.js";

/** Everything the admin listener answers; docs/api.md has a row for each. */
export const routes: readonly Route[] = [
  getHealthy,
  getStatus,
  getOperations,
  getOperation,
  getPlan,
  getDecisions,
  getHistory,
  postOperation,
  postAbort,
  postRetry,
  postEnabled,
  postPause,
  postResume,
  postMarkChecked,
  postTestMessage,
  postFirstRecord,
  postAdopt,
  getDatabaseTask,
  postDatabaseTask,
  getFiles,
  postFilesApprove,
  postFilesAnalyse,
  getDivergence,
  postDivergenceAcknowledge,
  postDnsTest,
  getDrills,
  postDrill,
  postAlertmanagerWebhook,
];
