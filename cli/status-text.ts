import { isNever, type ActorStatus, type SyncTransferView } from "../shared/core/status.js";
import { formatOperation } from "./operation-text.js";
import { formatBytes, formatSeconds, formatTable, formatTime } from "./text-table.js";

/** The status of an actor for people. */
export function formatStatus(status: ActorStatus): string {
  return [
    formatTable(overview(status)),
    ...section("Synchronised", formatSync(status)),
    ...section(
      "Seen from other places",
      (status.vantages?.words ?? []).map(({ name, site, says, because }) => [name, site, says, because]),
    ),
    ...section(
      "Configuration errors",
      status.configurationErrors.map((it) => [it.reason, it.because, formatSince(it)]),
    ),
    ...section(
      "Asked for a failover",
      status.asks.map((ask) => [formatTime(ask.askedAtMs), ask.askedBy, ask.because]),
    ),
    ...formatDecision(status),
    ...(status.operation ? ["", formatOperation(status.operation)] : []),
  ].join("\n");
}

function formatSince({ sinceMs, isLasting }: ActorStatus["configurationErrors"][number]): string {
  const since = `since ${formatTime(sinceMs)}`;
  return isLasting ? since : `${since}; its cause is gone: when you have looked, sparesync mark-checked`;
}

function overview(status: ActorStatus): string[][] {
  const { managedSystem, peer, nameServer, confirmation, exclusion } = status;
  const flags = [
    ...(status.isEnabled ? [] : ["turned off"]),
    ...(status.isFenced ? ["fenced"] : []),
    ...(status.isStopping ? ["stopping"] : []),
  ];
  return [
    ["pair", `${status.pair}, this is the ${status.server} (version ${status.version})`],
    ["state", sentence([status.state, ...flags].join(", "), status.because)],
    ...maintenance(status),
    ["active", `${status.active ?? "not known"}, epoch ${status.epoch}`],
    [
      "confirmed",
      confirmation.source === "" ? "no" : `${formatSeconds(confirmation.ageSeconds)} ago by ${confirmation.source}`,
    ],
    ["managed system", sentence(servingWord(managedSystem), managedSystem.because)],
    [
      "peer",
      `${peer.state}, ${peer.isConnected ? "connected" : "not connected"}, last seen ${formatTime(peer.lastSeenMs)}`,
    ],
    [
      "name server",
      `${nameServer.isReachable ? "reachable" : "not reachable"}, name points to ${list(nameServer.publishedAddresses)}`,
    ],
    ["recovery point", formatRecoveryPoint(status.recoveryPointSeconds)],
    ["two active", `excluded by ${exclusion.kind}: ${exclusion.because}`],
  ];
}

function maintenance({ pause, serviceInterval }: ActorStatus): string[][] {
  const until = (ms: number): string => `no automatic switching until ${formatTime(ms)}`;
  return [
    ...(pause ? [["paused", `${until(pause.untilMs)} — ${pause.setBy}: ${pause.reason}`]] : []),
    ...(serviceInterval ? [["service", `${until(serviceInterval.endsAtMs)} — ${serviceInterval.name}`]] : []),
  ];
}

function servingWord({ isServing, isWhole }: ActorStatus["managedSystem"]): string {
  if (isWhole) return "serving";
  return isServing ? "not all of it runs" : "not serving";
}

function formatRecoveryPoint(seconds: number): string {
  if (isNever(seconds)) return "unknown — the spare has no whole copy that it could go on with";
  return formatSeconds(seconds);
}

function formatSync(status: ActorStatus): string[][] {
  return status.sync.map((item) => [
    item.kind,
    item.name,
    item.isReinitialising ? `reinitialising ${String(Math.round(item.progressRatio * 100))} %` : item.health,
    item.isComplete ? "complete" : "not complete",
    `${String(item.pendingChanges)} pending`,
    [
      item.because,
      formatUnverified(item.verification?.unverified ?? []),
      ...(item.transfer === undefined ? [] : [formatTransfer(item.transfer, item.progressRatio)]),
    ]
      .filter((text) => text !== "")
      .join(" "),
  ]);
}

function formatUnverified(tables: readonly string[]): string {
  return tables.length === 0 ? "" : `not verified: too large for one reading: ${tables.join(", ")}`;
}

const barCells = 20;

/** How far a transfer is, as a bar with what is behind it. */
export function formatTransfer(transfer: SyncTransferView, ratio: number): string {
  const { doneFiles, totalFiles, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = transfer;
  const { table, rows = 0 } = transfer;
  const filled = Math.max(0, Math.min(barCells, Math.round(ratio * barCells)));
  const bar = `[${"#".repeat(filled)}${"-".repeat(barCells - filled)}] ${String(Math.round(ratio * 100))} %`;
  const things = table === undefined ? "files" : "tables";
  const under = table === undefined ? "" : ` (${table === "" ? "indexes" : table}), ${String(rows)} rows`;
  const files = `${String(doneFiles)} of ${String(totalFiles)} ${things}${under}`;
  // How large it is as a whole is not known of every database.
  const of = totalBytes === 0 && table !== undefined ? "" : ` of ${formatBytes(totalBytes)}`;
  const bytes = `${formatBytes(doneBytes)}${of}`;
  const left = secondsLeft === 0 ? "" : `, ${formatSeconds(secondsLeft)} left`;
  return `${bar} ${files}, ${bytes}, ${formatBytes(bytesPerSecond)}/s${left}`;
}

function formatDecision({ decision }: ActorStatus): readonly string[] {
  if (!decision) return [];
  const rows = decision.criteria.map((criterion) => [
    criterion.met ? "  met" : "  not met",
    criterion.name,
    criterion.because,
  ]);
  const title = `Last decision on a failover, ${formatTime(decision.decidedAtMs)}: ${decision.decision}`;
  // The decision's own sentence is that of all criteria that are not met: beside the table it would say them twice.
  if (rows.length === 0) return ["", sentence(title, decision.because)];
  return ["", title, formatTable(rows)];
}

function section(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0
    ? []
    : ["", title, formatTable(rows.map(([first = "", ...rest]) => [`  ${first}`, ...rest]))];
}

function sentence(what: string, because: string): string {
  return because === "" ? what : `${what} — ${because}`;
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? "nothing" : texts.join(", ");
}
