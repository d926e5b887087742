import { type AlertDefinition, onPrimary, onSecondary } from "../alert.js";

const state = (kind: "file" | "db", item: string, value: string, labels = onPrimary): string =>
  `sparesync_${kind}_sync_state{${item},state="${value}",${labels}}`;

interface Problem {
  readonly code: "FileSyncProblemWarn" | "FileSyncProblemFatal" | "DbSyncProblemWarn" | "DbSyncProblemFatal";
  readonly kind: "file" | "db";
  readonly label: "folder" | "database";
  readonly state: "warning" | "fatal";
  readonly summary: string;
  readonly consequence: string;
}

/** Seen from either server, so that one exporter is enough; a problem of one folder says nothing of the others. */
function problemAlert({ code, kind, label, state: value, summary, consequence }: Problem): AlertDefinition {
  const item = `${label}="orders"`;
  return {
    code,
    expression: `max by (pair, ${label}) (sparesync_${kind}_sync_state{state="${value}"}) == 1`,
    summary,
    description: `The ${label} {{ $labels.${label} }} of the pair {{ $labels.pair }} ${consequence}`,
    fires: [
      {
        when: `the ${label} is in the state ${value}`,
        series: {
          [state(kind, item, value)]: "0x3 1x20 0x9",
          [state(kind, item, "ok")]: "1x3 0x20 1x9",
          [state(kind, item, value, onSecondary)]: "0x40",
        },
        since: 60,
        until: 375,
        labels: { pair: "shop", [label]: "orders" },
      },
    ],
    staysQuiet: [
      {
        when: "it fares otherwise",
        series: {
          [state(kind, item, value)]: "0x40",
          [state(kind, item, value === "fatal" ? "warning" : "fatal")]: "1x40",
        },
        at: [60, 600],
      },
    ],
  };
}

const pending = (labels: string): string => `sparesync_file_sync_pending_files{folder="uploads",${labels}}`;
const arrived = (labels: string): string =>
  `sparesync_file_sync_last_success_timestamp_seconds{folder="uploads",${labels}}`;
const speed = (labels: string): string => `sparesync_file_sync_transfer_bytes_per_second{folder="uploads",${labels}}`;
const lag = (labels: string): string => `sparesync_db_sync_lag_seconds{database="orders",${labels}}`;
const copying = (labels: string): string => `sparesync_db_sync_reinitialising{database="orders",${labels}}`;
const compared = (labels: string): string =>
  `sparesync_db_sync_last_verified_timestamp_seconds{database="orders",${labels}}`;
const analysed = (labels: string): string =>
  `sparesync_file_sync_last_full_analysis_timestamp_seconds{folder="uploads",${labels}}`;
const eightDays = 691_200;
const halfDay = 43_200;
const purged = (labels: string): string =>
  `sparesync_file_sync_last_purge_timestamp_seconds{folder="uploads",${labels}}`;
const threeDays = 259_200;

/** Whether the spare holds what the active server holds. A service interval mutes none of these. */
export const synchronisationAlerts: readonly AlertDefinition[] = [
  problemAlert({
    ...{ code: "FileSyncProblemWarn", kind: "file", label: "folder", state: "warning" },
    summary: "Files could not be synchronised.",
    consequence: "has files that could not be synchronised. They are tried again.",
  }),
  problemAlert({
    ...{ code: "FileSyncProblemFatal", kind: "file", label: "folder", state: "fatal" },
    summary: "The synchronisation of files has stopped.",
    consequence: "is not synchronised any more. A person must look.",
  }),
  problemAlert({
    ...{ code: "DbSyncProblemWarn", kind: "db", label: "database", state: "warning" },
    summary: "Rows could not be synchronised.",
    consequence: "has rows that could not be synchronised. They are tried again.",
  }),
  problemAlert({
    ...{ code: "DbSyncProblemFatal", kind: "db", label: "database", state: "fatal" },
    summary: "The synchronisation of a database has stopped.",
    consequence: "is not synchronised any more. A person must look.",
  }),
  {
    code: "DbSyncReInitRequired",
    expression: "max by (pair, database) (sparesync_db_sync_reinit_required) == 1",
    summary: "A database must be copied in full again.",
    description:
      "The copy of the database {{ $labels.database }} of the pair {{ $labels.pair }} is not whole, and no full copy is" +
      " under way. The spare cannot take over with it.",
    fires: [
      {
        when: "a full copy is needed and not under way",
        series: { [`sparesync_db_sync_reinit_required{database="orders",${onPrimary}}`]: "0x3 1x20 0x9" },
        since: 60,
        until: 375,
        labels: { pair: "shop", database: "orders" },
      },
    ],
    staysQuiet: [
      {
        when: "the copy is whole or being made",
        series: { [`sparesync_db_sync_reinit_required{database="orders",${onPrimary}}`]: "0x40" },
        at: [0, 600],
      },
    ],
  },
  {
    code: "SyncStalled",
    // A copy in full is no stall: it moves, and its progress is shown.
    expression:
      "max by (pair, folder) ((time() - sparesync_file_sync_last_success_timestamp_seconds" +
      " and on (job, instance, folder) sparesync_file_sync_pending_files > 0" +
      " unless on (job, instance, folder) sparesync_file_sync_transfer_bytes_per_second > 0) > 300)" +
      " or max by (pair, database) ((sparesync_db_sync_lag_seconds" +
      " unless on (job, instance, database) sparesync_db_sync_reinitialising == 1) > 300)",
    summary: "Changes wait to be synchronised and none arrive.",
    description:
      "Of {{ with $labels.folder }}the folder {{ . }}{{ end }}{{ with $labels.database }}the database {{ . }}{{ end }} of the" +
      " pair {{ $labels.pair }} nothing has arrived on the target for {{ $value | humanizeDuration }}, and changes wait.",
    fires: [
      {
        when: "files wait and none has arrived for five minutes, for ten more",
        series: { [pending(onPrimary)]: "3x99", [arrived(onPrimary)]: "0x99", [speed(onPrimary)]: "0x99" },
        since: 315,
        labels: { pair: "shop", folder: "uploads" },
        value: "15m 15s",
      },
      {
        when: "the oldest change of a database is older than five minutes, for ten more",
        series: { [lag(onPrimary)]: "0x3 301x80", [copying(onPrimary)]: "0x99" },
        since: 60,
        labels: { pair: "shop", database: "orders" },
        value: "5m 1s",
      },
    ],
    staysQuiet: [
      {
        when: "nothing waits, however long ago something arrived",
        series: { [pending(onPrimary)]: "0x99", [arrived(onPrimary)]: "0x99", [speed(onPrimary)]: "0x99" },
        at: [1200],
      },
      {
        when: "a copy in full moves",
        series: {
          [pending(onPrimary)]: "3x99",
          [arrived(onPrimary)]: "0x99",
          [speed(onPrimary)]: "1000x99",
          [lag(onPrimary)]: "0+15x99",
          [copying(onPrimary)]: "1x99",
        },
        at: [1200],
      },
      {
        when: "it is exactly five minutes",
        series: {
          [lag(onPrimary)]: "300x99",
          [copying(onPrimary)]: "0x99",
          [pending(onPrimary)]: "3x99",
          [arrived(onPrimary)]: "-300+15x99",
          [speed(onPrimary)]: "0x99",
        },
        at: [600, 1200],
      },
    ],
  },
  {
    code: "DataNotVerified",
    // Whichever server has compared them: the later time counts.
    expression:
      `time() - max by (pair, database) (sparesync_db_sync_last_verified_timestamp_seconds) > ${eightDays}` +
      ` or time() - max by (pair, folder) (sparesync_file_sync_last_full_analysis_timestamp_seconds) > ${eightDays}`,
    summary: "A copy has not been compared in full for eight days.",
    description:
      "{{ with $labels.folder }}The folder {{ . }}{{ end }}{{ with $labels.database }}The database {{ . }}{{ end }} of the pair" +
      " {{ $labels.pair }} was last found equal on both servers {{ $value | humanizeDuration }} ago.",
    testStepSeconds: halfDay,
    fires: [
      {
        when: "the rows have not been compared for more than eight days",
        series: { [compared(onPrimary)]: "0x30", [compared(onSecondary)]: `${halfDay}x30` },
        since: eightDays + 2 * halfDay,
        labels: { pair: "shop", database: "orders" },
        value: "9d 0h 0m 0s",
      },
      {
        when: "a folder has not been analysed in full for more than eight days",
        series: { [analysed(onPrimary)]: "0x30" },
        since: eightDays + halfDay,
        labels: { pair: "shop", folder: "uploads" },
        value: "9d 0h 0m 0s",
      },
    ],
    staysQuiet: [
      {
        when: "it was exactly eight days ago",
        series: {
          [compared(onPrimary)]: `-${eightDays}+${halfDay}x9`,
          [analysed(onPrimary)]: `-${eightDays}+${halfDay}x9`,
        },
        at: [halfDay, 4 * halfDay],
      },
    ],
  },
  {
    code: "DeletedNotPurged",
    // Only a target says a time: while the spare serves nothing is purged there.
    expression: `time() - max by (pair, folder) (sparesync_file_sync_last_purge_timestamp_seconds > 0) > ${threeDays}`,
    summary: "What was deleted has not been purged for three days.",
    description:
      "`.deleted` of the folder {{ $labels.folder }} of the pair {{ $labels.pair }} was last purged" +
      " {{ $value | humanizeDuration }} ago. It grows until the target's disk is full.",
    testStepSeconds: halfDay,
    fires: [
      {
        when: "the last purge on the target is more than three days ago",
        series: { [purged(onPrimary)]: "0x30", [purged(onSecondary)]: `${halfDay}x30` },
        since: threeDays + 2 * halfDay,
        labels: { pair: "shop", folder: "uploads" },
        value: "4d 0h 0m 0s",
      },
    ],
    staysQuiet: [
      {
        when: "it was exactly three days ago, or neither server is the target",
        series: { [purged(onPrimary)]: "0x30", [purged(onSecondary)]: `-${threeDays}+${halfDay}x9` },
        at: [halfDay, 4 * halfDay],
      },
    ],
  },
  {
    code: "DivergenceNotAcknowledged",
    expression: "sparesync_divergence_entries > 0",
    summary: "What a lost server had and the other never got waits for a person.",
    description:
      "{{ $value }} rows and files of the pair {{ $labels.pair }} stand in the divergence reports of the {{ $labels.side }}" +
      " server. Look at them with sparesync divergence show.",
    fires: [
      {
        when: "a report has an entry",
        series: { [`sparesync_divergence_entries{${onSecondary}}`]: "0x3 4x9 0x9" },
        since: 60,
        until: 210,
        labels: { pair: "shop", side: "secondary", job: "sparesync", instance: "b" },
        value: "4",
      },
    ],
    staysQuiet: [
      {
        when: "there is none, or all were acknowledged",
        series: { [`sparesync_divergence_entries{${onSecondary}}`]: "0x40" },
        at: [60, 600],
      },
    ],
  },
];
