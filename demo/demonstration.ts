import { setTimeout as sleep } from "node:timers/promises";
import { otherServer, type ServerName, serverNames } from "../shared/core/server-name.js";
import type { ActorStatus, OperationView } from "../shared/core/status.js";
import { newestOperation, StatusTeller } from "./actor-view.js";
import { type Acknowledgement, Client } from "./client.js";
import { differences, type Holdings, lost, lostBeyondRecoveryPoint, type ShownRecoveryPoint } from "./comparison.js";
import { dualActiveSeconds } from "./dual-active.js";
import { applicationName } from "./layout.js";
import { startMonitoring } from "./monitoring.js";
import { NameResolution } from "./name-resolution.js";
import { Observer } from "./observer.js";
import { until } from "./processes.js";
import { readHoldings } from "./read-holdings.js";
import { firstAfter, longestGapSeconds } from "./recovery-times.js";
import { unreported } from "./divergence.js";
import type { DemonstrationResult } from "./result.js";
import type { AskedBy } from "./server-settings.js";
import type { Stage } from "./stage.js";
import type { Timeline } from "./timeline.js";

const writeBeforeKillMs = 10_000;
const goOnMs = 3_000;
const passiveMs = 4_000;
/** On a machine that has nothing else to do the failover takes 14 s and the failback 9. */
const operationLimitMs = 120_000;
const syncLimitMs = 60_000;
const watchPauseMs = 150;

interface FailoverMeasured {
  readonly killedAtMs: number;
  readonly shown: ShownRecoveryPoint;
  readonly operation: OperationView;
  readonly rowsLost: readonly Acknowledgement[];
  readonly filesLost: readonly Acknowledgement[];
}

/** The story: prepare, work, lose the primary, go on, let it come back, switch back, compare. */
export class Demonstration {
  readonly #stage: Stage;
  readonly #timeline: Timeline;
  readonly #client: Client;
  readonly #observer: Observer;
  readonly #observedName: NameResolution;
  readonly #teller: StatusTeller;
  #shownAddresses = "";

  constructor(stage: Stage, timeline: Timeline) {
    this.#stage = stage;
    this.#timeline = timeline;
    const { nameServer, applicationPort: port, acknowledgementLog, servers } = stage.layout;
    let server = "";
    this.#client = new Client({
      name: new NameResolution(applicationName, nameServer),
      port,
      logFile: acknowledgementLog,
      rowPauseMs: 50,
      filePauseMs: 200,
      onAcknowledged: (item) => {
        if (item.server !== server)
          timeline.tell("client", `${item.kind} ${item.id} saved by the ${item.server} server`, "green");
        server = item.server;
      },
    });
    const hosts = { primary: servers.primary.host, secondary: servers.secondary.host };
    this.#observer = new Observer({ hosts, port, pauseMs: 100 });
    this.#teller = new StatusTeller(timeline);
    this.#observedName = new NameResolution(applicationName, nameServer);
  }

  async run(askedBy: AskedBy): Promise<DemonstrationResult> {
    await this.#prepare(askedBy);
    this.#observer.start();
    this.#client.start();
    await this.#work();
    const failover = await this.#losePrimary();
    const isPassive = await this.#primaryComesBack();
    const missing = await this.#showDivergence([...failover.rowsLost, ...failover.filesLost]);
    const failback = await this.#switchBack();
    await this.#acknowledgeDivergence();
    return { ...(await this.#compare(failover, failback, isPassive)), lostAndNotReported: missing };
  }

  async #prepare(askedBy: AskedBy): Promise<void> {
    const stage = this.#stage;
    this.#timeline.chapter("Preparing a pair from nothing");
    await stage.createPair(askedBy);
    this.#timeline.tell("init", "settings, keys, certificates and tokens of both servers are made");
    await Promise.all([stage.startNameServer(), stage.installDatabases()]);
    await Promise.all([stage.startDatabase("primary"), stage.startDatabase("secondary")]);
    this.#timeline.tell("databases", "empty tables on both servers; the name server has the zone");
    for (const server of serverNames) stage.startGuard(server);
    await Promise.all([stage.startActor("primary"), stage.startActor("secondary")]);
    await stage.createFirstRecord("primary");
    this.#timeline.tell("operator", `sparesync first-record: ${applicationName} belongs to the primary, epoch 1`);
    await Promise.all([
      stage.startExporter("primary"),
      stage.startExporter("secondary"),
      this.#startMonitoring(askedBy),
    ]);
    await until("the primary serves the application", () => stage.isServing("primary"), syncLimitMs);
    this.#timeline.tell("application", "the actor of the primary has started it: this server owns the name");
    await this.#untilStatus("secondary", "the secondary holds a whole copy", isWholeCopy, syncLimitMs);
    this.#timeline.tell("secondary", "holds a whole copy of the folder and the database");
  }

  async #startMonitoring(askedBy: AskedBy): Promise<void> {
    this.#timeline.tell("monitoring", await startMonitoring(this.#stage, askedBy));
  }

  async #work(): Promise<void> {
    this.#timeline.chapter("A client writes rows and files through the name");
    const deadline = performance.now() + writeBeforeKillMs;
    await this.#watching(
      "secondary",
      () => performance.now() > deadline,
      writeBeforeKillMs * 2,
      "the client has written for a while",
    );
    const { acknowledged } = this.#client;
    const rows = acknowledged.filter(({ kind }) => kind === "row").length;
    this.#timeline.tell(
      "client",
      `${String(rows)} rows and ${String(acknowledged.length - rows)} files are acknowledged`,
    );
  }

  async #losePrimary(): Promise<FailoverMeasured> {
    const status = await this.#requireStatus("secondary");
    const shown = { seconds: status.recoveryPointSeconds, readAtMs: status.wallMs };
    this.#timeline.chapter("The primary server is lost");
    this.#timeline.tell("secondary", `recovery point: a failover now would lose at most ${shown.seconds.toFixed(2)} s`);
    const killedAtMs = Date.now();
    await this.#stage.loseServer("primary");
    this.#timeline.tell("primary", "application, database, actor, guard and exporter killed (SIGKILL)", "red");

    const isDone = (seen: ActorStatus): boolean =>
      newestOperation(seen)?.kind === "failover" && newestOperation(seen)?.state === "done";
    await this.#watching("secondary", isDone, operationLimitMs, "the secondary has taken over");
    const isServedAgain = (): boolean => this.#client.acknowledged.some(({ server }) => server === "secondary");
    await until("the client is served by the secondary", isServedAgain, operationLimitMs);
    const operation = newestOperation(await this.#requireStatus("secondary"));
    if (operation === undefined) throw new Error("the secondary shows no operation after the failover");

    const held = await this.#holdings("secondary");
    const before = this.#client.acknowledged.filter(({ server }) => server === "primary");
    const [rowsLost, filesLost] = [lost("row", before, held), lost("file", before, held)];
    const counts = `${String(rowsLost.length)} rows and ${String(filesLost.length)} files`;
    this.#timeline.tell("comparison", `of what the client was told is saved, ${counts} were lost with the primary`);
    return { killedAtMs, shown, operation, rowsLost, filesLost };
  }

  /** Returns whether the old primary's application stayed silent. */
  async #primaryComesBack(): Promise<boolean> {
    await this.#goOn();
    this.#timeline.chapter("The old primary comes back and must stay passive");
    const fromMs = Date.now();
    await this.#stage.startDatabase("primary");
    this.#stage.startGuard("primary");
    await Promise.all([this.#stage.startActor("primary"), this.#stage.startExporter("primary")]);
    this.#timeline.tell("primary", "database, actor, guard and exporter run again");
    const deadline = performance.now() + passiveMs;
    const isSeen = (status: ActorStatus): boolean => performance.now() > deadline && status.peer.isConnected;
    await this.#watching("secondary", isSeen, operationLimitMs, "the secondary sees the old primary again");
    const accepted = this.#observer.observations.filter(
      ({ server, outcome, endedAtMs }) => server === "primary" && outcome === "accepted" && endedAtMs >= fromMs,
    );
    const isPassive = accepted.length === 0;
    this.#timeline.tell(
      "observer",
      isPassive
        ? "the old primary's application took no write"
        : `the old primary took ${String(accepted.length)} writes`,
      isPassive ? "green" : "red",
    );
    return isPassive;
  }

  /** Waits until every lost row and file stands in a report, before anything flows back. Returns how many do not. */
  async #showDivergence(lostItems: readonly Acknowledgement[]): Promise<number> {
    this.#timeline.tell("operator", "sparesync divergence show");
    const args = ["divergence", "show", "--examples", "200", "--settings", this.#stage.pair.settingsFiles.secondary];
    const deadline = performance.now() + operationLimitMs;
    for (;;) {
      const output = await this.#stage.sparesync([...args, "--json"], this.#stage.operator);
      const missing = unreported(lostItems, output.trim().split("\n").at(-1) ?? "").length;
      if (missing === 0 || performance.now() > deadline) {
        const counts = `${String(lostItems.length - missing)} of ${String(lostItems.length)}`;
        this.#timeline.tell("secondary", `names ${counts} lost rows and files with what stands here in their place`);
        return missing;
      }
      await sleep(watchPauseMs * 2);
    }
  }

  async #acknowledgeDivergence(): Promise<void> {
    this.#timeline.tell("operator", "sparesync divergence acknowledge");
    const args = ["divergence", "acknowledge", "--settings", this.#stage.pair.settingsFiles.primary, "--json"];
    await this.#stage.sparesync(args, this.#stage.operator);
  }

  async #switchBack(): Promise<{ readonly operation: OperationView; readonly fromMs: number }> {
    this.#timeline.chapter("The operator switches back");
    const fromMs = Date.now();
    const { settingsFiles } = this.#stage.pair;
    const reason = "the primary is repaired";
    this.#timeline.tell("operator", `sparesync switch --to primary --reason "${reason}"`);
    const args = ["switch", "--to", "primary", "--reason", reason, "--settings", settingsFiles.secondary, "--json"];
    await this.#stage.sparesync(args, this.#stage.operator);
    const isDone = (status: ActorStatus): boolean => {
      const operation = newestOperation(status);
      if (operation?.state === "undone" || operation?.state === "asks-a-person") throw new Error(operation.because);
      return operation?.kind === "switch-to-primary" && operation.state === "done" && status.active === "primary";
    };
    await this.#watching("primary", isDone, operationLimitMs, "the primary serves again");
    const operation = newestOperation(await this.#requireStatus("primary"));
    if (operation === undefined) throw new Error("the primary shows no operation after the failback");
    const isServedAgain = (): boolean =>
      this.#client.acknowledged.some(({ server, atMs }) => server === "primary" && atMs > fromMs);
    await until("the client is served by the primary", isServedAgain, operationLimitMs);
    await this.#goOn();
    return { operation, fromMs };
  }

  async #compare(
    failover: FailoverMeasured,
    failback: { readonly operation: OperationView; readonly fromMs: number },
    returnedPrimaryPassive: boolean,
  ): Promise<Omit<DemonstrationResult, "lostAndNotReported">> {
    this.#timeline.chapter("Comparing both servers with what the client was told");
    const acknowledged = await this.#client.stop();
    const observations = await this.#observer.stop();
    const [primary, secondary] = await this.#settle();
    const differing = differences(primary, secondary);
    const { rowsLost, filesLost, shown, killedAtMs, operation } = failover;
    const lostBefore = new Set([...rowsLost, ...filesLost].map(({ id }) => id));
    const expected = acknowledged.filter(({ id }) => !lostBefore.has(id));
    const committed = new Set([...primary.observations, ...secondary.observations]);
    const firstAtMs =
      firstAfter(
        acknowledged.filter(({ server }) => server === "secondary"),
        killedAtMs,
      )?.atMs ?? Infinity;
    return {
      switched: operation.state === "done",
      failedBack: failback.operation.state === "done",
      unavailableSeconds: (firstAtMs - killedAtMs) / 1000,
      detectSeconds: (operation.startedAtMs - killedAtMs) / 1000,
      switchSeconds: (operation.endedAtMs - operation.startedAtMs) / 1000,
      failbackUnavailableSeconds: longestGapSeconds(acknowledged, failback.fromMs),
      rowsAcknowledged: acknowledged.filter(({ kind }) => kind === "row").length,
      filesAcknowledged: acknowledged.filter(({ kind }) => kind === "file").length,
      rowsLostInFailover: rowsLost.length,
      filesLostInFailover: filesLost.length,
      recoveryPointSeconds: shown.seconds,
      lostBeyondRecoveryPoint: lostBeyondRecoveryPoint([...rowsLost, ...filesLost], shown).length,
      rowsLostInFailback: lost("row", expected, primary).length,
      filesLostInFailback: lost("file", expected, primary).length,
      filesDifferent: differing.files.length,
      rowsDifferent: differing.rows.length,
      dualActiveSeconds: dualActiveSeconds(observations, committed),
      returnedPrimaryPassive,
      askedBy: operation.requestedBy,
      seconds: this.#timeline.seconds,
    };
  }

  /** Reads both servers until they are the same, or the time in which the synchronisation must have caught up is over. */
  async #settle(): Promise<readonly [Holdings, Holdings]> {
    const deadline = performance.now() + syncLimitMs;
    for (;;) {
      const [primary, secondary] = await Promise.all([this.#holdings("primary"), this.#holdings("secondary")]);
      const { rows, files } = differences(primary, secondary);
      if ((rows.length === 0 && files.length === 0) || performance.now() > deadline) return [primary, secondary];
      await sleep(watchPauseMs * 2);
    }
  }

  #holdings(server: ServerName): Promise<Holdings> {
    const { application, uploadFolder } = this.#stage.layout.servers[server];
    return readHoldings(application.database, uploadFolder);
  }

  /** The client goes on for a while undisturbed. */
  async #goOn(): Promise<void> {
    const before = this.#client.acknowledged.length;
    await sleep(goOnMs);
    const { acknowledged } = this.#client;
    const server = acknowledged.at(-1)?.server ?? "no";
    this.#timeline.tell(
      "client",
      `goes on: ${String(acknowledged.length - before)} more acknowledged by the ${server} server`,
    );
  }

  async #requireStatus(server: ServerName): Promise<ActorStatus> {
    const status = await this.#stage.status(server);
    if (status === undefined) throw new Error(`the ${server}'s actor does not answer`);
    return status;
  }

  async #untilStatus(
    server: ServerName,
    what: string,
    isReached: (status: ActorStatus) => Promise<boolean> | boolean,
    limitMs: number,
  ): Promise<void> {
    let last: ActorStatus | undefined;
    const look = async (): Promise<boolean> => {
      last = await this.#stage.status(server);
      return last !== undefined && (await isReached(last));
    };
    await until(what, look, limitMs).catch((error: unknown) => {
      throw new Error(`${what}: not reached. The ${server} ${summary(last)}`, { cause: error });
    });
  }

  /** Waits for something in the status of one actor and meanwhile tells all that changes in both and in the name. */
  async #watching(
    server: ServerName,
    isReached: (status: ActorStatus) => boolean,
    limitMs: number,
    what: string,
  ): Promise<void> {
    const look = async (status: ActorStatus): Promise<boolean> => {
      const peer = await this.#stage.status(otherServer(server));
      for (const seen of [peer, status]) if (seen !== undefined) this.#teller.tell(seen);
      this.#tellCounts(status);
      return isReached(status);
    };
    const watch = new AbortController();
    const name = this.#tellName(watch.signal);
    try {
      await this.#untilStatus(server, what, look, limitMs);
    } finally {
      watch.abort();
      await name;
      this.#timeline.endLive();
    }
  }

  async #tellName(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const addresses = await this.#observedName.addresses().then(
        (list) => list.join(", "),
        () => "no answer",
      );
      if (addresses !== this.#shownAddresses) {
        this.#timeline.tell("name server", `${applicationName} is ${addresses}${this.#ownerOf(addresses)}`, "blue");
      }
      this.#shownAddresses = addresses;
      await sleep(watchPauseMs);
    }
  }

  #ownerOf(address: string): string {
    const owner = Object.values(this.#stage.layout.servers).find(({ host }) => host === address);
    return owner === undefined ? "" : `, the ${owner.server} server`;
  }

  #tellCounts({ recoveryPointSeconds }: ActorStatus): void {
    const { acknowledged } = this.#client;
    const server = acknowledged.at(-1)?.server ?? "none";
    const counts = `${String(acknowledged.length)} writes acknowledged, the last by ${server}`;
    this.#timeline.live(`          ${counts}; recovery point ${recoveryPointSeconds.toFixed(2)} s`);
  }
}

function isWholeCopy({ sync, peer }: ActorStatus): boolean {
  return peer.isConnected && sync.length >= 2 && sync.every(({ isComplete, health }) => isComplete && health === "ok");
}

/** What a person needs to see of a status when something was not reached. */
function summary(status: ActorStatus | undefined): string {
  if (status === undefined) return "does not answer";
  const { state, because, operation, sync, configurationErrors } = status;
  const steps = operation?.steps.filter(({ state: step }) => step === "running" || step === "failed") ?? [];
  const problems = sync.filter(({ health, isComplete }) => health !== "ok" || !isComplete);
  return `says ${JSON.stringify({ state, because, steps, problems, configurationErrors })}`;
}
