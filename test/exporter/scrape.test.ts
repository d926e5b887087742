import { describe, expect, test } from "@jest/globals";
import type { Collector } from "../../exporter/collector.js";
import { failoverCriteria } from "../../actor/core/failover-criteria.js";
import { collectors } from "../../exporter/collectors/index.js";
import { emptyProbeRecord, nextProbeRecord } from "../../exporter/core/probe-record.js";
import { createFailureLog } from "../../exporter/failure-log.js";
import type { ExporterPorts } from "../../exporter/ports.js";
import type { ProbeLoop } from "../../exporter/probe-loop.js";
import { scrape } from "../../exporter/scrape.js";
import type { LocalStatus } from "../../shared/core/local-status.js";
import { eventNames } from "../../shared/core/event-catalogue.js";
import { metricCatalogue, sample } from "../../shared/core/metric-catalogue.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { rememberLog } from "../support/log-memory.js";
import { sampleSettings } from "../support/sample-settings.js";
import { sampleStatus } from "../support/sample-status.js";

const settings = { ...sampleSettings(), link: { ...sampleSettings().link, transport: "http" as const } };
settings.admin = { ...settings.admin, transport: "http" };

const seen = { available: true, because: "", durationMs: 20 };
const probes: ProbeLoop = {
  managedSystem: () =>
    nextProbeRecord(emptyProbeRecord, { wallMs: 1000, vantage: "standby", local: seen, public: seen }),
  externalResources: () => ({ available: true, because: "", resources: [] }),
  processMetrics: () => undefined,
  run: () => Promise.resolve(),
};

function ports(change: Partial<ExporterPorts> = {}): ExporterPorts {
  return {
    settings,
    version: "0.1.0",
    clock: createSystemClock(),
    log: rememberLog(),
    readStatus: () => Promise.resolve(sampleStatus()),
    readProcessMetrics: () => Promise.resolve(""),
    ...change,
  };
}

/** Series with their values. */
async function scraped(
  change: Partial<ExporterPorts> = {},
  list: readonly Collector[] = collectors,
  looked = probes,
  noteFailure = createFailureLog(rememberLog()),
) {
  const shownCertificate = () => undefined;
  const parts = { ports: ports(change), probes: looked, collectors: list, noteFailure, shownCertificate };
  const text = await scrape(parts, 0.5);
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))] as const),
  );
}

async function scrapedStatus(change: Partial<LocalStatus>) {
  return await scraped({ readStatus: () => Promise.resolve(sampleStatus(change)) });
}

const hanging = () => new Promise<never>(() => undefined);

describe("a scrape", () => {
  test("knows every event from the start, and when one last happened", async () => {
    const event = (code: string) => `sparesync_event_last_timestamp_seconds{event="${code}"}`;
    const fresh = await scraped();
    expect([...fresh].filter(([name]) => name.startsWith("sparesync_event_")).map(([, value]) => value)).toEqual(
      eventNames.map(() => 0),
    );
    const series = await scrapedStatus({ events: { TurnedOff: 1_799_999_000.5, OfAnotherVersion: 5 } });
    expect(Object.fromEntries(series)).toMatchObject({
      [event("TurnedOff")]: 1_799_999_000.5,
      [event("TurnedOn")]: 0,
      [event("OfAnotherVersion")]: 5,
    });
  });

  test("shows of a listener that is not tried yet, or is being stopped, neither that it is open nor that it is not", async () => {
    const names = ["sparesync_admin_listening", "sparesync_link_listening"];
    const series = await scrapedStatus({ listeners: { link: false } });
    expect(names.map((name) => series.get(name))).toEqual([undefined, 0]);
    const stopping = await scrapedStatus({ listeners: {} });
    expect(names.map((name) => stopping.get(name))).toEqual([undefined, undefined]);
  });

  test("shows what the last drill has proven, 0 if there was none", async () => {
    const name = "sparesync_drill_last_success_timestamp_seconds";
    expect((await scraped()).get(name)).toBe(0);
    const series = await scrapedStatus({
      drill: {
        isRunning: false,
        hasLastPassed: true,
        lastEndedAtMs: 9000,
        lastSuccessAtMs: 9000,
        recoveryTimeSeconds: 41.5,
        recoveryPointSeconds: 2,
      },
    });
    expect(Object.fromEntries(series)).toMatchObject({ [name]: 9, sparesync_drill_recovery_time_seconds: 41.5 });
  });

  test.each([
    { when: "only an outage is missing", unmet: ["asked", "unavailable-long-enough"], ready: 1 },
    { when: "a criterion of the spare itself is not met", unmet: ["asked", "data-complete"], ready: 0 },
    { when: "it is not the standby", unmet: ["is-standby"], ready: 0 },
  ])("is ready for a failover: $ready, when $when", async ({ unmet, ready }) => {
    const names = ["is-standby", "asked", "unavailable-long-enough", "data-complete"];
    const criteria = names.map((name) => ({ name, met: !unmet.includes(name), because: "" }));
    const series = await scrapedStatus({ decision: { ...sampleStatus().decision!, criteria } });
    expect(series.get("sparesync_switchover_ready")).toBe(ready);
  });

  test("is ready while the active server holds the witness's lease, and not while the witness does not answer", async () => {
    const held = [
      { name: "is-standby", met: true, because: "" },
      { name: "witness-allows", met: false, because: "the peer holds the lease of the witness" },
    ];
    const seen = async (witness: LocalStatus["witness"]) => {
      const decision = { ...sampleStatus().decision!, criteria: held };
      const series = await scrapedStatus({ decision, ...(witness && { witness }) });
      return ["witness_wanted", "witness_up", "switchover_ready"].map((name) => series.get(`sparesync_${name}`));
    };
    expect(await seen({ isAnswering: true, because: "" })).toEqual([1, 1, 1]);
    expect(await seen({ isAnswering: false, because: "no answer" })).toEqual([1, 0, 0]);
    expect(await seen(undefined)).toEqual([0, 0, 1]);
  });

  test("shows why it is turned off on one line, as long as it is", async () => {
    const because = `olga: patches\nand  more ${"x".repeat(300)}`;
    const series = await scrapedStatus({ state: "turned_off", because });
    const [reason] = [...series.keys()].filter((name) => name.startsWith("sparesync_turned_off_info"));
    expect(reason).toMatch(/^sparesync_turned_off_info\{because="olga: patches and more x{177}"\}$/);
  });

  test("shows why and when it was last turned off also after it was turned on, and whether that was checked", async () => {
    const series = await scrapedStatus({
      lastTurnedOff: { atMs: 1_799_000_000_000, because: "olga: patches", isChecked: true },
    });
    expect(Object.fromEntries(series)).toMatchObject({
      'sparesync_last_turned_off_info{because="olga: patches"}': 1,
      sparesync_last_turned_off_timestamp_seconds: 1_799_000_000,
      sparesync_last_turned_off_checked: 1,
    });
    expect((await scraped()).get("sparesync_last_turned_off_timestamp_seconds")).toBe(0);
  });

  test("asks for a full copy of a database that is none, but not while the pair is switched", async () => {
    const sync = sampleStatus().sync.map((item) => ({ ...item, isComplete: false, isReinitialising: false }));
    const required = 'sparesync_db_sync_reinit_required{database="orders"}';
    expect((await scrapedStatus({ sync })).get(required)).toBe(1);
    expect((await scrapedStatus({ sync, state: "switched" })).get(required)).toBe(0);
  });

  test("says where operators reach the actor", async () => {
    expect((await scraped()).get('sparesync_admin_info{url="http://127.0.0.1:1"}')).toBe(1);
    const everywhere = { ...settings, admin: { ...settings.admin, listen: { host: "0.0.0.0", port: 7402 } } };
    const { host } = settings.managedSystem.publicAddresses.secondary;
    expect((await scraped({ settings: everywhere })).get(`sparesync_admin_info{url="http://${host}:7402"}`)).toBe(1);
  });

  test("is not ready before anything was decided", async () => {
    const undecided = sampleStatus();
    delete undecided.decision;
    const series = await scraped({ readStatus: () => Promise.resolve(undecided) });
    expect(series.get("sparesync_switchover_ready")).toBe(0);
  });

  test("has the series of every criterion before anything was decided: none is met, and nothing can begin", async () => {
    const undecided = sampleStatus();
    delete undecided.decision;
    const series = await scraped({ readStatus: () => Promise.resolve(undecided) });
    for (const name of failoverCriteria.map((criterion) => criterion.name)) {
      expect([name, series.get(`sparesync_switchover_criterion_met{criterion="${name}"}`)]).toEqual([name, 0]);
      expect([name, series.get(`sparesync_switchover_blocked{reason="${name}"}`)]).toEqual([name, 1]);
    }
  });

  test("shows what the actor says, in base units", async () => {
    const series = await scraped();
    expect(Object.fromEntries(series)).toMatchObject({
      sparesync_actor_up: 1,
      'sparesync_state{state="working"}': 1,
      'sparesync_state{state="switched"}': 0,
      sparesync_peer_connected: 1,
      sparesync_active: 0,
      sparesync_epoch: 7,
      'sparesync_node_info{server="secondary"}': 1,
      'sparesync_exclusion{kind="proof"}': 1,
      sparesync_ownership_confirmed_timestamp_seconds: 1_799_999_997.5,
      'sparesync_dns_points_to{server="primary"}': 1,
      'sparesync_dns_points_to{server="secondary"}': 0,
      'sparesync_file_sync_state{folder="uploads",state="ok"}': 1,
      'sparesync_file_sync_bytes_total{folder="uploads"}': 123456,
      'sparesync_db_sync_lag_seconds{database="orders"}': 7,
      'sparesync_db_sync_reinit_required{database="orders"}': 0,
      sparesync_recovery_point_lag_seconds: 7,
      'sparesync_switchover_criterion_met{criterion="unavailable-long-enough"}': 0,
      'sparesync_switchover_blocked{reason="unavailable-long-enough"}': 1,
      'sparesync_operation_running{operation="failover",step="none"}': 0,
      'sparesync_webhook_alerts_total{outcome="accepted"}': 1,
      'sparesync_webhook_alerts_total{outcome="duplicate"}': 0,
      'sparesync_switchover_total{trigger="automatic"}': 0,
      'sparesync_switchover_state{state="idle"}': 1,
      sparesync_guard_wanted: 1,
      'sparesync_link_refused_total{reason="wrong-key"}': 4,
      'sparesync_link_refused_total{reason="replayed"}': 0,
      'sparesync_webhook_alerts_total{outcome="malformed"}': 0,
      sparesync_auth_failures_total: 0,
      'sparesync_managed_system_available{from="standby",via="public"}': 1,
      sparesync_admin_listening: 1,
    });
  });

  test("shows a pause and a service interval, and that there is none", async () => {
    const none = await scraped();
    expect(Object.fromEntries(none)).toMatchObject({
      'sparesync_maintenance{kind="pause"}': 0,
      'sparesync_maintenance{kind="service-interval"}': 0,
      sparesync_pause_start_timestamp_seconds: 0,
      sparesync_pause_end_timestamp_seconds: 0,
      sparesync_service_interval_end_timestamp_seconds: 0,
    });
    const both = await scrapedStatus({
      pause: { untilMs: 9_000, setAtMs: 2_000, setBy: "olga", reason: "patches" },
      serviceInterval: { name: "nightly", endsAtMs: 8_000 },
    });
    expect(Object.fromEntries(both)).toMatchObject({
      'sparesync_maintenance{kind="pause"}': 1,
      'sparesync_maintenance{kind="service-interval"}': 1,
      sparesync_pause_start_timestamp_seconds: 2,
      sparesync_pause_end_timestamp_seconds: 9,
      sparesync_service_interval_end_timestamp_seconds: 8,
    });
  });

  test("shows what each vantage says, and what was only observed", async () => {
    const words = [{ name: "office", site: "elsewhere", says: "down", because: "" }] as const;
    const series = await scrapedStatus({
      vantages: { askedAtMs: 1, words: [...words] },
      counters: { failovers_observed: 2 },
    });
    expect(Object.fromEntries(series)).toMatchObject({
      'sparesync_vantage_word{vantage="office",word="down"}': 1,
      'sparesync_vantage_word{vantage="office",word="up"}': 0,
      'sparesync_vantage_word{vantage="office",word="nothing"}': 0,
      sparesync_switchover_observe_only: 0,
      sparesync_switchover_observed_total: 2,
    });
  });

  test("has every family of the catalogue but those that need a reason to be there", async () => {
    const names = new Set([...(await scraped()).keys()].map((series) => series.split("{")[0]));
    expect(Object.keys(metricCatalogue).filter((name) => !names.has(name))).toEqual([
      "sparesync_external_resource_available",
      "sparesync_turned_off_info",
      "sparesync_last_turned_off_info",
      "sparesync_configuration_error",
      "sparesync_vantage_word",
      "sparesync_loop_failures_total",
      "sparesync_tls_certificate_not_after_timestamp_seconds",
    ]);
  });

  test("has all states of a one-hot family, exactly one of them 1", async () => {
    const series = await scrapedStatus({ state: "switching_to_primary" });
    const states = [...series].filter(([name]) => name.startsWith("sparesync_state{"));
    expect(states).toHaveLength(10);
    expect(states.filter(([, value]) => value === 1)).toEqual([['sparesync_state{state="switching_to_primary"}', 1]]);
  });

  test("what never was is 0, not 1970 or half a century ago", async () => {
    const database = sampleStatus().sync.find(({ kind }) => kind === "database")!;
    const series = await scrapedStatus({
      confirmation: { source: "", ageSeconds: 0 },
      sync: [{ ...database, oldestPendingAtMs: 0 }],
    });
    expect(series.get("sparesync_ownership_confirmed_timestamp_seconds")).toBe(0);
    expect(series.get('sparesync_db_sync_lag_seconds{database="orders"}')).toBe(0);
  });

  test("shows the running operation with its step", async () => {
    const step = { name: "claim", title: "", runsOn: "secondary", startedAtMs: 1, endedAtMs: 0, because: "" } as const;
    const operation = {
      id: "a",
      kind: "failover",
      state: "running",
      requestedBy: "watch",
      reason: "",
      from: "primary",
      to: "secondary",
      startedAtMs: 1,
      endedAtMs: 0,
      because: "",
      progressRatio: 0.4,
      steps: [
        { ...step, state: "done" },
        { ...step, name: "publish", state: "running" },
      ],
    } as const;
    const ended = { ...operation, kind: "switch-to-primary", state: "done", endedAtMs: 5000 } as const;
    const series = await scrapedStatus({
      operation: { ...operation, steps: [...operation.steps] },
      lastOperations: [
        { ...ended, steps: [] },
        { ...ended, state: "undone", endedAtMs: 9000, steps: [] },
        { ...ended, endedAtMs: 3000, steps: [] },
      ],
    });
    expect(Object.fromEntries(series)).toMatchObject({
      'sparesync_operation_running{operation="failover",step="publish"}': 1,
      'sparesync_operation_running{operation="switch-to-primary",step="none"}': 0,
      'sparesync_switchover_state{state="running"}': 1,
      'sparesync_switchover_state{state="idle"}': 0,
      'sparesync_switchover_last_duration_seconds{operation="switch-to-primary"}': 4.999,
      sparesync_operation_progress_ratio: 0.4,
      'sparesync_operation_last_end_timestamp_seconds{operation="switch-to-primary",result="done"}': 5,
      'sparesync_operation_last_end_timestamp_seconds{operation="failover",result="done"}': 0,
    });
  });

  test.each<{ when: string; readStatus: ExporterPorts["readStatus"] }>([
    { when: "dead", readStatus: () => Promise.reject(new Error("connect ENOENT")) },
    { when: "hung", readStatus: hanging },
  ])("answers with a $when actor, and shows nothing of it that is not known", async ({ readStatus }) => {
    // The hung one never answers: without a limit of its own the scrape would not end.
    const series = await scraped({ readStatus });
    expect(Object.fromEntries(series)).toMatchObject({
      sparesync_actor_up: 0,
      'sparesync_state{state="unknown"}': 1,
      'sparesync_state{state="working"}': 0,
      'sparesync_peer_state{state="unknown"}': 1,
      sparesync_peer_connected: 0,
      'sparesync_managed_system_available{from="standby",via="public"}': 1,
      'sparesync_scrape_collector_success{collector="status"}': 0,
    });
    for (const name of ["sparesync_epoch", "sparesync_active", "sparesync_recovery_point_lag_seconds"]) {
      expect(series.has(name)).toBe(false);
    }
  });

  test("shows what a collector has of which a part failed, and that it did; the log tells each change once", async () => {
    const samples = [sample("sparesync_fenced", true)];
    let because = "the rest is broken";
    const half: Collector = { name: "half", collect: () => Promise.resolve({ samples, because }) };
    const log = rememberLog();
    const note = createFailureLog(log);
    const look = async () => Object.fromEntries(await scraped({}, [half], probes, note));
    const success = 'sparesync_scrape_collector_success{collector="half"}';
    expect(await look()).toMatchObject({ sparesync_fenced: 1, [success]: 0 });
    await look();
    because = "";
    expect(await look()).toMatchObject({ sparesync_fenced: 1, [success]: 1 });
    await scraped({}, [{ name: "half", collect: () => Promise.reject(new Error("all of it")) }], probes, note);
    expect(log.lines.map(({ event, fields }) => [event, fields["because"]])).toEqual([
      ["scrape-collector-failed", "the rest is broken"],
      ["scrape-collector-works", undefined],
      ["scrape-collector-failed", "all of it"],
    ]);
  });

  test.each<{ when: string; collect: Collector["collect"] }>([
    {
      when: "throws",
      collect: () => {
        throw new Error("broken");
      },
    },
    { when: "rejects", collect: () => Promise.reject(new Error("broken")) },
    { when: "hangs", collect: hanging },
    { when: "delivers what is not a number", collect: () => [sample("sparesync_epoch", NaN)] },
    { when: "delivers a negative counter", collect: () => [sample("sparesync_dns_updates_total", -1)] },
    { when: "delivers foreign labels", collect: () => [{ name: "sparesync_epoch", labels: { a: "b" }, value: 1 }] },
  ])("is whole but for a collector that $when", async ({ collect }) => {
    const good: Collector = { name: "good", collect: () => [sample("sparesync_fenced", true)] };
    const series = await scraped({}, [{ name: "bad", collect }, good]);
    expect(Object.fromEntries(series)).toMatchObject({
      sparesync_fenced: 1,
      'sparesync_scrape_collector_success{collector="bad"}': 0,
      'sparesync_scrape_collector_success{collector="good"}': 1,
    });
    expect(series.has("sparesync_epoch")).toBe(false);
  });

  test("the metrics of the process can fail as well", async () => {
    const series = await scraped({ readProcessMetrics: () => Promise.reject(new Error("no /proc")) });
    expect(series.get('sparesync_scrape_collector_success{collector="process"}')).toBe(0);
    expect(series.get("sparesync_actor_up")).toBe(1);
  });

  test("shows the metrics of the process as they were last read, and reads none itself", async () => {
    const readProcessMetrics = () => Promise.reject(new Error("read by a scrape"));
    const looked = { ...probes, processMetrics: () => "process_open_fds 7" };
    const series = await scraped({ readProcessMetrics }, collectors, looked);
    expect(series.get("process_open_fds")).toBe(7);
    expect(series.get('sparesync_scrape_collector_success{collector="process"}')).toBe(1);
  });

  test("a series of an earlier scrape does not stay", async () => {
    const error = { reason: "time-zones", because: "", sinceMs: 1, isLasting: true };
    expect((await scrapedStatus({ configurationErrors: [error] })).size).toBeGreaterThan((await scraped()).size);
    expect((await scraped()).has('sparesync_configuration_error{reason="time-zones"}')).toBe(false);
  });
});
