import { createServer, type Server } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { parse, stringify } from "yaml";
import { Client } from "../../demo/client.js";
import { startMonitoring } from "../../demo/monitoring.js";
import { dualActiveSeconds } from "../../demo/dual-active.js";
import { applicationName, type Layout, zone } from "../../demo/layout.js";
import { NameResolution } from "../../demo/name-resolution.js";
import { Observer } from "../../demo/observer.js";
import { logTail, type StartedProcess, type StartOptions, until } from "../../demo/processes.js";
import { readHoldings } from "../../demo/read-holdings.js";
import { ask } from "../../demo/request.js";
import { Stage } from "../../demo/stage.js";
import { readPid } from "../../demo/application/running-process.js";
import { errorCode } from "../../shared/core/app-error.js";
import { otherServer, type ServerName, serverNames } from "../../shared/core/server-name.js";
import type { OperationView } from "../../shared/core/status.js";
import { type BindServer, startBind } from "./bind-server.js";
import { type RelayWay, startRelay } from "./delaying-relay.js";
import { NetworkLab } from "./network-lab.js";
import { isWholeCopy } from "./process-pair.js";
import { RunningWatch } from "./running-watch.js";

const relayProgram = join(import.meta.dirname, "delaying-relay.js");
const readyLimitMs = 90_000;

/**
 * A whole pair in a network lab: each server in a network of its own, BIND in a third, clients, Prometheus, Alertmanager
 * and an independent vantage at a fourth site. Fencing is proven: the update server is elsewhere, and guards run.
 */
export class NetworkPair {
  readonly lab: NetworkLab;
  readonly stage: Stage;
  readonly client: Client;
  readonly observer: Observer;
  readonly running: RunningWatch;
  readonly #known = new Set<string>();
  #bind: BindServer | undefined;
  #vantage: Server | undefined;
  #relays: { stop(): Promise<void> }[] = [];
  readonly #siteRelays: Partial<Record<ServerName, StartedProcess>> = {};

  private constructor(lab: NetworkLab, stage: Stage) {
    this.lab = lab;
    this.stage = stage;
    const { nameServer, applicationPort: port, acknowledgementLog: logFile, servers } = stage.layout;
    const name = new NameResolution(applicationName, nameServer);
    this.client = new Client({ name, port, logFile, rowPauseMs: 100, filePauseMs: 500 });
    const hosts = { primary: servers.primary.host, secondary: servers.secondary.host };
    this.observer = new Observer({ hosts, port, pauseMs: 100 });
    this.running = new RunningWatch(stage.layout);
  }

  /** Everything runs when it resolves: the primary serves, the secondary has a whole copy. */
  static async open(): Promise<NetworkPair> {
    const lab = NetworkLab.open();
    let isInside = false;
    const enter = (server: ServerName, start: StartOptions): StartOptions => {
      if (!isInside) return start;
      const [program, ...first] = lab.enter(server);
      return { ...start, program, args: [...first, start.program, ...start.args] };
    };
    const stage = await Stage.set(undefined, (layout) => inLab(layout, lab), enter);
    const pair = new NetworkPair(lab, stage);
    try {
      await stage.createPair("both");
      for (const server of serverNames) pair.#changeSettings(server);
      await stage.installDatabases();
      isInside = true;
      await pair.#start();
      return pair;
    } catch (error) {
      await pair.end();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { stage, lab } = this;
    const secret = Buffer.from(readFileSync(stage.pair.tsigSecretFile, "utf8").trim(), "base64");
    this.#bind = await startBind({
      zone,
      key: { name: stage.pair.tsigKeyName, secret },
      port: stage.layout.nameServer.port,
      records: [`${applicationName}. 1 IN A ${stage.layout.servers.primary.host}`],
      place: { host: lab.address("nameServer"), enter: lab.enter("nameServer") },
    });
    await this.#startVantage();
    for (const server of serverNames) await this.#startRelays(server);
    await Promise.all(serverNames.map((server) => this.startServer(server)));
    await stage.createFirstRecord("primary");
    await startMonitoring(stage, "both");
    await this.untilTrue("the primary serves", () => stage.isServing("primary"));
    this.observer.start();
    this.client.start();
    await this.untilWholeCopy("secondary");
  }

  /** Database, guard, actor and exporter of a server, as after its power came back. */
  async startServer(server: ServerName, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const { stage } = this;
    await stage.startDatabase(server);
    await this.untilTrue(`the ${server}'s database answers`, () => this.#answersQuery(server));
    stage.startGuard(server);
    await Promise.all([stage.startActor(server, environment), stage.startExporter(server)]);
  }

  /** The processes of a server, with those of its application, stand still or go on, as a machine that is suspended. */
  signalAll(server: ServerName, signal: "SIGSTOP" | "SIGCONT"): void {
    const application = readPid(this.stage.layout.servers[server].application.pidFile);
    const pids = [
      ...this.stage.running(server).map(({ pid }) => pid),
      ...(application === undefined ? [] : [application]),
    ];
    for (const pid of pids) tryToSignal(pid, signal);
  }

  /** The actor alone is lost; its guard and the application go on. */
  async killActor(server: ServerName): Promise<void> {
    await this.stage
      .running(server)
      .find(({ name }) => name === `${server}-actor`)
      ?.kill();
  }

  /**
   * The actor alone stands still, at a moment at which it has no transaction open. PGlite gives all its clients one
   * session, so an actor that stopped within a transaction would take the database from the application, as no server
   * does; on a real one, within any transaction: test/integration/postgresql/actor-stands-still.test.ts.
   */
  async freezeActor(server: ServerName): Promise<() => void> {
    const pid = this.stage.running(server).find(({ name }) => name === `${server}-actor`)?.pid ?? 0;
    const thaw = (): void => void process.kill(pid, "SIGCONT");
    await this.untilTrue(`the ${server}'s actor stands still outside of a transaction`, async () => {
      process.kill(pid, "SIGSTOP");
      if (await this.#answersQuery(server)) return true;
      thaw();
      return false;
    });
    return thaw;
  }

  /** The pieces on the line between the servers are late by so much, in each direction. */
  delayLink(milliseconds: number): void {
    writeFileSync(this.#delayFile, String(milliseconds));
  }

  /** All that one site sends to the others, and they to it, is lost. */
  isolate(server: ServerName): void {
    for (const site of [otherServer(server), "nameServer", "clients"] as const) this.lab.cutBothWays(server, site);
  }

  /** The operations that came up since the last time this was asked, as far as both servers can be asked. */
  async newOperations(): Promise<readonly OperationView[]> {
    const seen = await Promise.all(serverNames.map((server) => this.stage.status(server)));
    const all = seen.flatMap((status) =>
      (status?.operation ? [status.operation] : []).concat(status?.lastOperations ?? []),
    );
    const fresh = new Map(all.filter(({ id }) => !this.#known.has(id)).map((operation) => [operation.id, operation]));
    for (const id of fresh.keys()) this.#known.add(id);
    return [...fresh.values()];
  }

  async untilFailedOver(): Promise<void> {
    await this.untilTrue("the secondary has taken over", async () => {
      const newest = (await this.stage.status("secondary"))?.lastOperations[0];
      return newest?.kind === "failover" && newest.state === "done" && !this.#known.has(newest.id);
    });
    await this.untilTrue("the client is served by the secondary", () => this.isServedBy("secondary"));
  }

  /** The returned primary stays passive; then the operator looks, and brings everything back. */
  async goBack(): Promise<void> {
    const { stage } = this;
    await this.untilTrue("the primary has read that it lost the name", async () => {
      return (
        (await stage.status("primary"))?.state === "switched" &&
        (await stage.status("secondary"))?.peer.isConnected === true
      );
    });
    await this.sparesync("secondary", "mark-checked");
    await this.sparesync("secondary", "switch", "--to", "primary", "--reason", "the line is back");
    await this.untilTrue("the primary serves again", async () => {
      const newest = (await stage.status("primary"))?.lastOperations[0];
      // The one before may stand there still.
      return newest?.kind === "switch-to-primary" && newest.state === "done" && !this.#known.has(newest.id);
    });
    await this.untilTrue("the client is served by the primary", () => this.isServedBy("primary"));
    // Until the primary knows it too, what the secondary says is of the time before.
    for (const server of serverNames) await this.untilWholeCopy(server);
    await this.newOperations();
    this.running.takeBothSeconds();
  }

  sparesync(server: ServerName, ...args: readonly string[]): Promise<string> {
    const { stage } = this;
    return stage.sparesync([...args, "--settings", stage.pair.settingsFiles[server], "--json"], stage.operator);
  }

  /** The divergence reports of both servers, as the command shows them. */
  divergence(): Promise<string> {
    return this.sparesync("secondary", "divergence", "show", "--examples", "200");
  }

  isServedBy(server: ServerName): boolean {
    return this.client.acknowledged.at(-1)?.server === server;
  }

  async untilWholeCopy(server: ServerName): Promise<void> {
    await this.untilTrue(`the ${server} holds a whole copy`, async () => isWholeCopy(await this.stage.status(server)));
  }

  /** The client is served by this server the whole time: the longest gap between two acknowledgements, in seconds. */
  async longestGapSeconds(seconds: number): Promise<number> {
    const fromMs = Date.now();
    await sleep(seconds * 1000);
    const times = this.client.acknowledged.map(({ atMs }) => atMs).filter((atMs) => atMs >= fromMs);
    return Math.max(...[...times, Date.now()].map((atMs, index) => atMs - (times[index - 1] ?? fromMs))) / 1000;
  }

  /** For how long both applications have accepted writes that this site sent them. */
  async dualActiveSeconds(sinceMs: number): Promise<number> {
    const holdings = await Promise.all(
      serverNames.map((server) => {
        const { application, uploadFolder } = this.stage.layout.servers[server];
        return readHoldings(application.database, uploadFolder);
      }),
    );
    const committed = new Set(holdings.flatMap(({ observations }) => [...observations]));
    return dualActiveSeconds(
      this.observer.observations.filter(({ sentAtMs }) => sentAtMs >= sinceMs),
      committed,
    );
  }

  /** Posts to the webhook of a server's actor, from the monitoring's site; resolves to the status. */
  async postAlert(server: ServerName, body: string, token = this.stage.pair.tokens.alertmanager): Promise<number> {
    const { host, adminPort: port } = this.stage.layout.servers[server];
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const question = {
      host,
      port,
      method: "POST",
      path: "/webhooks/alertmanager",
      headers,
      body,
      limitMs: 10_000,
    } as const;
    return (await ask(question)).status;
  }

  async untilTrue(what: string, isTrue: () => Promise<boolean> | boolean, limitMs = readyLimitMs): Promise<void> {
    await until(what, isTrue, limitMs).catch((error: unknown) => {
      const logs = this.stage.actorLogs.map((file) => `--- ${file}\n${logTail(file)}`).join("\n");
      throw new Error(`${String(error)}\n${logs}`, { cause: error });
    });
  }

  async end(): Promise<void> {
    this.running.stop();
    for (const server of serverNames) this.signalAll(server, "SIGCONT");
    await Promise.all([this.client.stop(), this.observer.stop()]);
    await this.stage.end();
    await this.#bind?.stop();
    await Promise.all(this.#relays.map((relay) => relay.stop()));
    this.#vantage?.closeAllConnections();
    this.#vantage?.close();
    this.lab.close();
  }

  get #delayFile(): string {
    return join(this.stage.layout.folder, "link-delay");
  }

  #changeSettings(server: ServerName): void {
    const { stage } = this;
    const file = stage.pair.settingsFiles[server];
    const settings = parse(readFileSync(file, "utf8")) as Record<string, Record<string, unknown>>;
    const change = (group: string, values: Readonly<Record<string, unknown>>): void => {
      settings[group] = { ...settings[group], ...values };
    };
    const peer = stage.layout.servers[otherServer(server)];
    change("link", { peer: { host: "127.0.0.1", port: peer.linkPort } });
    change("ownership", { selfFenceSeconds: 6, stopSeconds: 8, marginSeconds: 1, guard: true });
    const url = `http://${this.lab.address("clients")}:${String(stage.layout.prometheusPort)}/probe`;
    change("failover", {
      acceptAssumption: false,
      acceptSingleVantage: false,
      allowedUnavailabilitySeconds: 5,
      vantages: [{ kind: "metrics", name: "blackbox", site: "elsewhere", url }],
    });
    writeFileSync(file, stringify(settings));
  }

  /** Into the network of a server, for this site and for itself; and from this machine's loopback to there. */
  async #startRelays(server: ServerName): Promise<void> {
    const { servers } = this.stage.layout;
    const { host, adminPort, application } = servers[server];
    const { host: toHost, linkPort } = servers[otherServer(server)];
    const ports = [adminPort, application.database.port];
    const inside: RelayWay[] = ports.map((port) => ({ host, port, toHost: "127.0.0.1", toPort: port }));
    const line = { host: "127.0.0.1", port: linkPort, toHost, toPort: linkPort, delayFile: this.#delayFile };
    const [program, ...first] = this.lab.enter(server);
    const args = [...first, process.execPath, relayProgram, JSON.stringify([...inside, line])];
    this.#siteRelays[server] = this.stage.processes.start(`${server}-relay`, { program, args });
    for (const port of ports) {
      this.#relays.push(await startRelay({ host: "127.0.0.1", port, toHost: host, toPort: port }));
    }
  }

  /** What a blackbox exporter of the clients' site says about the primary's public address. */
  async #startVantage(): Promise<void> {
    const { layout } = this.stage;
    const server = createServer((_, response) => {
      void this.stage.isServing("primary").then((isServing) => {
        response.end(`# TYPE probe_success gauge\nprobe_success ${isServing ? "1" : "0"}\n`);
      });
    });
    this.#vantage = server;
    await new Promise<void>((resolve) => server.listen(layout.prometheusPort, this.lab.address("clients"), resolve));
  }

  async #answersQuery(server: ServerName): Promise<boolean> {
    const client = new pg.Client({
      ...this.stage.layout.servers[server].application.database,
      connectionTimeoutMillis: 2_000,
      query_timeout: 1_000,
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("SELECT 1");
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** One that has ended meanwhile needs no signal. */
function tryToSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

function inLab(layout: Layout, lab: NetworkLab): Layout {
  const place = (server: ServerName): Layout["servers"]["primary"] => {
    const own = layout.servers[server];
    const host = lab.address(server);
    return { ...own, host, adminHost: "127.0.0.1", application: { ...own.application, host } };
  };
  return {
    ...layout,
    nameServer: { ...layout.nameServer, host: lab.address("nameServer") },
    servers: { primary: place("primary"), secondary: place("secondary") },
  };
}
