import type { DashboardContent } from "../dashboard.js";
import { stateTimelinePanel, tablePanel, timeSeriesPanel } from "../panels.js";
import { ageOf, dateOf, foldedStates, rateOf, select } from "../queries.js";
import { healthMeanings, mapCondition, mapNumbers } from "../value-mappings.js";

const whole = mapCondition({ text: "no", color: "red" }, { text: "yes", color: "green" });
const lagThresholds = [{ color: "green" }, { from: 60, color: "orange" }, { from: 300, color: "red" }] as const;
const folder = { labels: { pair: "Pair", side: "Server", folder: "Folder" } };
const database = { labels: { pair: "Pair", side: "Server", database: "Database" } };

/** Files and databases, one by one. */
export const synchronisation: DashboardContent = {
  name: "synchronisation",
  description:
    "How each folder and each database fares: what waits, how old it is, how fast it moves, when it was last compared.",
  sections: [
    {
      title: "Health",
      panels: [
        stateTimelinePanel(
          {
            ...{ title: "Folders", unit: "short", width: 12, height: 7, mappings: mapNumbers(healthMeanings) },
            description:
              "Whether the folder's files arrive: a warning is tried again, after a fatal error a person must look.",
          },
          [
            {
              expression: foldedStates("sparesync_file_sync_state", "state", ["pair", "side", "folder"]),
              legend: "{{pair}} {{side}} {{folder}}",
            },
          ],
        ),
        stateTimelinePanel(
          {
            ...{ title: "Databases", unit: "short", width: 12, height: 7, mappings: mapNumbers(healthMeanings) },
            description:
              "Whether the database's rows arrive: a warning is tried again, after a fatal error a person must look.",
          },
          [
            {
              expression: foldedStates("sparesync_db_sync_state", "state", ["pair", "side", "database"]),
              legend: "{{pair}} {{side}} {{database}}",
            },
          ],
        ),
      ],
    },
    {
      title: "Now",
      panels: [
        tablePanel(
          {
            ...{ title: "Folders now", unit: "short", width: 24, height: 7 },
            description: "What waits in each folder, and when it was last in step.",
          },
          [
            { title: "Whole copy", expression: select("sparesync_file_sync_complete"), mappings: whole },
            { title: "Files wait", expression: select("sparesync_file_sync_pending_files") },
            { title: "Bytes wait", unit: "bytes", expression: select("sparesync_file_sync_pending_bytes") },
            {
              title: "Oldest waits",
              unit: "s",
              expression: ageOf("sparesync_file_sync_oldest_pending_timestamp_seconds"),
              thresholds: lagThresholds,
            },
            {
              title: "Last arrival",
              unit: "dateTimeAsIso",
              expression: dateOf("sparesync_file_sync_last_success_timestamp_seconds"),
            },
            {
              title: "Last full analysis",
              unit: "dateTimeAsIso",
              expression: dateOf("sparesync_file_sync_last_full_analysis_timestamp_seconds"),
            },
            { title: "Kept deleted", unit: "bytes", expression: select("sparesync_file_sync_deleted_bytes") },
          ],
          folder,
        ),
        tablePanel(
          {
            ...{ title: "Databases now", unit: "short", width: 24, height: 7 },
            description: "How far each database is behind, and when all of its rows were last found equal.",
          },
          [
            { title: "Whole copy", expression: select("sparesync_db_sync_complete"), mappings: whole },
            { title: "Lag", unit: "s", expression: select("sparesync_db_sync_lag_seconds"), thresholds: lagThresholds },
            { title: "Changes wait", expression: select("sparesync_db_sync_pending_changes") },
            { title: "Full copy", unit: "percentunit", expression: select("sparesync_db_sync_reinit_progress_ratio") },
            { title: "Journal", unit: "bytes", expression: select("sparesync_db_sync_journal_bytes") },
            {
              title: "Last found equal",
              unit: "dateTimeAsIso",
              expression: dateOf("sparesync_db_sync_last_verified_timestamp_seconds"),
            },
            {
              title: "Rows that differ",
              expression: select("sparesync_db_sync_differing_rows"),
              thresholds: [{ color: "green" }, { from: 1, color: "red" }],
            },
          ],
          database,
        ),
      ],
    },
    {
      title: "Files over time",
      panels: [
        timeSeriesPanel(
          {
            ...{ title: "Files that wait", unit: "short", width: 8, height: 7 },
            description: "Files changed on the source and not yet on the target.",
          },
          [{ expression: select("sparesync_file_sync_pending_files"), legend: "{{pair}} {{side}} {{folder}}" }],
        ),
        timeSeriesPanel(
          {
            ...{ title: "Files written", unit: "cps", width: 8, height: 7 },
            description: "Files written to or removed from the target in each second.",
          },
          [{ expression: rateOf("sparesync_file_sync_files_total"), legend: "{{pair}} {{side}} {{folder}}" }],
        ),
        timeSeriesPanel(
          {
            ...{ title: "Bytes written", unit: "Bps", width: 8, height: 7 },
            description: "Bytes written to the target in each second.",
          },
          [{ expression: rateOf("sparesync_file_sync_bytes_total"), legend: "{{pair}} {{side}} {{folder}}" }],
        ),
        timeSeriesPanel(
          {
            ...{ title: "Full analysis or copy", unit: "percentunit", width: 24, height: 6 },
            description: "How far a full analysis or a first copy is; 0 while none runs.",
          },
          [
            {
              expression: select("sparesync_file_sync_transfer_progress_ratio"),
              legend: "{{pair}} {{side}} {{folder}}",
            },
          ],
        ),
      ],
    },
    {
      title: "Databases over time",
      panels: [
        timeSeriesPanel(
          {
            ...{ title: "Lag", unit: "s", width: 8, height: 7 },
            description: "Age of the oldest change not yet applied on the target.",
          },
          [{ expression: select("sparesync_db_sync_lag_seconds"), legend: "{{pair}} {{side}} {{database}}" }],
        ),
        timeSeriesPanel(
          {
            ...{ title: "Rows applied", unit: "cps", width: 8, height: 7 },
            description: "Rows applied on the target in each second.",
          },
          [{ expression: rateOf("sparesync_db_sync_rows_applied_total"), legend: "{{pair}} {{side}} {{database}}" }],
        ),
        timeSeriesPanel(
          {
            ...{ title: "Changes that wait", unit: "short", width: 8, height: 7 },
            description: "Journalled changes not yet applied on the target.",
          },
          [{ expression: select("sparesync_db_sync_pending_changes"), legend: "{{pair}} {{side}} {{database}}" }],
        ),
      ],
    },
  ],
};
