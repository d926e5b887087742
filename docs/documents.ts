import { renderFailoverDecisionDocument } from "../actor/core/failover-decision-document.js";
import { renderPartitionDocument } from "../actor/core/partition-document.js";
import { renderStatesDocument } from "../actor/core/states-document.js";
import { renderErrorsDocument } from "../shared/core/errors-document.js";
import { renderMetricsDocument } from "../shared/core/metrics/metrics-document.js";
import { renderSettingsDocument } from "../shared/core/settings/settings-document.js";

/** The generated pages: file name in docs/ → its text. `npm run docs` writes them, a test compares them. */
export const documents: ReadonlyMap<string, () => string> = new Map([
  ["settings.md", renderSettingsDocument],
  ["errors.md", renderErrorsDocument],
  ["metrics.md", renderMetricsDocument],
  ["states.md", renderStatesDocument],
  ["failover-decision.md", renderFailoverDecisionDocument],
  ["partitions.md", renderPartitionDocument],
]);
