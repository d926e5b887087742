import { failoverCriteria } from "./failover-criteria.js";

const head = `# How the spare decides

Only the secondary takes over by itself, and only from the primary. Each second it looks at everything listed below,
evaluates **every** criterion, and answers one of three:

- **fail-over**: all criteria are met. It begins the failover (a switchover, if the primary is connected and says that
  its managed system is down).
- **ask-the-operator**: only criteria are unmet about which a person may decide otherwise. Nothing is done; \`sparesync
  status\` and the metrics say what is open. \`sparesync failover\` does it.
- **stay**: something is unmet that forbids it, or that says that there is nothing to do.

Each *change* of the answer is kept with everything it was made from: \`sparesync decisions list\` and \`show\`; \`sparesync
decide --replay FILE\` makes it again, anywhere, from what was kept. Manual operations do not ask these criteria.

## The criteria

This table is generated from the program (\`npm run docs\`). Each is a series
\`sparesync_switchover_criterion_met{criterion="…"}\`.

| criterion | met when | unmet |
|---|---|---|
`;

const tail = `
## What counts as unavailable

The spare probes the primary's own public address, with the managed system's name as \`Host\` and in TLS (SNI), every
\`failover.probeSeconds\`. Of the last \`failover.probesConsidered\` probes at least \`failover.probesFailed\` must have failed,
the last one among them: one lost packet is no outage, and one answer in between does not let it begin anew. It lasts
since the first of these probes.

The time allowed begins anew when a **service interval** or a **pause** ends, and what was asked in it is kept until then,
for Alertmanager repeats an alert only after a day. It begins anew, too, when a server that was stopped in order or turned
off is back: it has that time to start its managed system.

- A pause is an operator's: \`sparesync pause --for 2h --reason …\`, \`sparesync resume\`. It always ends by itself, after
  seven days at most, counts for both servers, and outlives restarts. It is no promise: the primary goes on fencing
  itself, and the end of a pause needs no connection.
- A service interval is of the settings, daily or weekly, by the clock on the wall of \`serviceIntervals.timeZone\`. Where
  clocks are set forward, a time that is skipped is in no interval; where they are set back, one that comes twice is in
  it both times. Alertmanager's time intervals mean the same.

In both, synchronisation and manual operations go on.

## The second sign

Two signals are independent by host and uplink, not because two programs ran: Prometheus beside the spare sees what the
spare sees. So the spare's own probes count as one. The second is the word of the connected primary itself, or a vantage
of \`failover.vantages\` that does not stand at the secondary's site:

- \`kind: metrics\`: a page in Prometheus's text format, such as a blackbox exporter's \`/probe?module=…&target=…\` on a
  third host, which looks at the moment it is asked, or the exporter of another site (\`metric\` names what is read);
- \`kind: prometheus\`: an instant query to the Prometheus of another site.

A value of 0 is "down", any other "up", none is no word; a word older than three rounds of probes is none. A vantage that
says "up" contradicts: a person is asked, for somebody reaches the primary. With no vantage at all a person is asked, too,
unless \`failover.acceptSingleVantage\` is set.

## Who may ask

\`failover.askedBy\` says who may ask; whoever asks, the decision is made here, on fresh facts. What was asked stays, over
restarts, until it is acted on, the primary is available again, or \`failover.askValidSeconds\` have passed.

| gone | \`watch\` | \`alertmanager\` | \`both\` |
|---|---|---|---|
| nothing | fails over | fails over | fails over |
| Prometheus | fails over | stays: no alert comes | fails over, asked by the watch |
| Alertmanager | fails over | stays: no alert arrives, until it is back while the alert still fires | fails over, asked by the watch |
| both | fails over | stays | fails over, asked by the watch |

A "resolved" of Alertmanager is never acted on: it also comes when Prometheus dies. With \`alertmanager\` alone the watch
over the monitoring itself (a dead man's switch) is the administrator's.

## After a sleep

A process that was frozen, or a machine that was suspended, notices on waking by both clocks that time has passed. What it
saw before does not count any more: it decides nothing until it has read the ownership record, asked the peer and probed
the managed system again, and an outage must show itself anew. The same holds after each start. The active server meets
its fence first ([ownership](ownership.md) 2 and 14). A wall clock that was set by more than \`clock.maximumOffsetSeconds\`
keeps the spare from deciding for as long as is allowed for the managed system.

## Observing only

With \`failover.observeOnly\` the spare decides as always and does nothing: it keeps the decision, logs
\`would-have-failed-over\` and counts it in \`sparesync_switchover_observed_total\`. It promises the primary not to claim, so
that a pair on trial does not fence itself for its sake. Turning it off takes back the promise when the servers are connected.

## Why so

- One failed probe is one lost packet, and one answered probe in the middle of an outage is luck: hence k of the last n.
- Two programs beside each other share their uplink, so their number says nothing: vantages are declared with their site.
  Where somebody sees the application, taking over would cost its users their work: hence a person is asked.
- A pause that promised not to claim would spare the primary its fence. But a promise is taken back only while both are
  connected: a primary lost in the pause could never be replaced without a person, though the pause "ends by itself".
- A pair that only observes never claims by itself, and nobody who tries the product wants it to stop an application.
- Service intervals go by the clock on the wall, as Alertmanager's do: what is muted there is what is excused here. To shift
  a time that is skipped in spring to the hour after it would differ from Alertmanager once a year.
`;

/** docs/failover-decision.md: how the spare decides, with a row for each criterion. */
export function renderFailoverDecisionDocument(): string {
  const rows = failoverCriteria.map(
    ({ name, meaning, otherwise }) =>
      `| \`${name}\` | ${meaning} | ${otherwise === "ask" ? "ask-the-operator" : "stay"} |`,
  );
  return `${head}${rows.join("\n")}\n${tail}`;
}
