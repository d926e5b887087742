import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { stringify } from "yaml";
import type { AlertOverrides } from "../../alert-rules/render-alert-rules.js";
import type { EventRecord } from "../../shared/core/event-record.js";
import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import type { StartedProcess } from "../../demo/processes.js";
import { sparesyncProgram } from "../../demo/pair-files.js";
import { type MailCatcher, startMailCatcher } from "./mail-catcher.js";
import { Pipe } from "./pipe.js";
import type { PostgresqlServer } from "./postgresql-server.js";
import { ProcessPair } from "./process-pair.js";
import { type MonitoringServer, startAlertmanagerPair, startPrometheus } from "./prometheus-server.js";
import { alertmanagerSubject, readToldMails, type ToldMail } from "./told-mail.js";

/** Delays and frequencies short enough to be waited for; what is not named here has those of the catalogue. */
export const overrides: AlertOverrides = {
  MissingConnection: { delaySeconds: 4, repeatSeconds: 8 },
  FileSyncProblemWarn: { delaySeconds: 4, repeatSeconds: 8 },
  FileSyncProblemFatal: { delaySeconds: 10, repeatSeconds: 8 },
  ConfigurationError: { delaySeconds: 1, repeatSeconds: 8 },
  MainAppInvisible: { delaySeconds: 6, repeatSeconds: 8 },
  DbSyncProblemWarn: { delaySeconds: 4, repeatSeconds: 8 },
  DbSyncProblemFatal: { delaySeconds: 10, repeatSeconds: 8 },
  OtherStoppedNotify: { delaySeconds: 4, repeatSeconds: 8 },
  HttpServerNotStarted: { delaySeconds: 0, repeatSeconds: 8 },
  LinkServerNotStarted: { delaySeconds: 0, repeatSeconds: 8 },
  ExternalResourcesInvisible: { delaySeconds: 4, repeatSeconds: 8 },
  ActorDown: { delaySeconds: 4, repeatSeconds: 8 },
};

const journalLimitBytes = 300_000;

/** At least so long the service interval lasts after the settings are written, and at most a minute more. */
const shortestServiceSeconds = 90;

export interface PrometheusAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
}

export interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/**
 * A whole pair with everything that watches it: two actors, two exporters, Prometheus, two Alertmanagers and a mail
 * server. Both the actors and Alertmanager mail, so that each way is seen. The files of Prometheus and Alertmanager are
 * those that `sparesync monitoring generate` writes from the pair's own settings.
 */
export class MonitoredPair {
  readonly pair: ProcessPair;
  /** The link as the primary and as the secondary reach the other one; the secondary's database as its actor does. */
  readonly pipes: { readonly link: readonly [Pipe, Pipe]; readonly database: Pipe };
  /** When the service interval in which the pair begins is over. */
  serviceEndsAtMs = 0;
  readonly actors = new Map<ServerName, StartedProcess>();
  readonly #closers: (() => Promise<unknown>)[] = [];
  #mails: MailCatcher | undefined;
  #resource: Server | undefined;
  #resourcePort = 0;
  #prometheus: MonitoringServer | undefined;
  #alertmanagers: readonly MonitoringServer[] = [];

  private constructor(pair: ProcessPair, databasePort: number) {
    this.pair = pair;
    const { primary, secondary } = pair.stage.layout.servers;
    this.pipes = {
      link: [new Pipe(secondary.linkPort, secondary.host), new Pipe(primary.linkPort, primary.host)],
      database: new Pipe(databasePort),
    };
  }

  static async set(postgresql: PostgresqlServer): Promise<MonitoredPair> {
    const pair = await ProcessPair.set({ postgresql, nameServer: "embedded" });
    const monitored = new MonitoredPair(pair, postgresql.port);
    try {
      await monitored.#begin();
    } catch (error) {
      await monitored.end();
      throw error;
    }
    return monitored;
  }

  async #begin(): Promise<void> {
    const { pair, pipes } = this;
    for (const pipe of [...pipes.link, pipes.database]) {
      await pipe.open();
      this.#closers.push(() => pipe.close());
    }
    await this.openResource();
    const mails = await startMailCatcher();
    this.#mails = mails;
    this.#closers.push(() => mails.stop());
    for (const server of serverNames) this.#writeSettings(server, mails.port);
    await this.#startActors();
    await pair.begin();
    await Promise.all([pair.client.stop(), pair.observer.stop()]);
    await Promise.all(serverNames.map((server) => pair.stage.startExporter(server)));
    // Not before all this, which takes as long as the machine is busy.
    await this.#beginServiceInterval();
    await this.#startMonitoring(mails.port);
  }

  async #startActors(): Promise<void> {
    const { pair } = this;
    for (const server of serverNames) this.startActor(server);
    await pair.untilTrue("both actors are there for each other", async () => {
      const seen = await Promise.all(serverNames.map((server) => pair.stage.status(server)));
      return seen.every((status) => status?.peer.isConnected === true);
    });
  }

  /** The actors read their settings when they start. */
  async #beginServiceInterval(): Promise<void> {
    await Promise.all([...this.actors.values()].map((actor) => actor.end()));
    const minuteMs = 60_000;
    const endMs = Math.ceil((Date.now() + shortestServiceSeconds * 1000) / minuteMs) * minuteMs;
    const clockAt = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
    for (const server of serverNames) {
      this.pair.editSettings(server, (settings) => {
        const intervals = [{ name: "night", start: clockAt(Date.now() - minuteMs), end: clockAt(endMs) }];
        settings.serviceIntervals = { intervals };
      });
    }
    this.serviceEndsAtMs = endMs;
    await this.#startActors();
    await this.pair.untilTrue("both work, the copies whole", () => this.isWell());
  }

  /** Both servers work, hear each other and hold whole copies. */
  async isWell(): Promise<boolean> {
    const { stage } = this.pair;
    const seen = await Promise.all(serverNames.map((server) => stage.status(server)));
    return seen.every(
      (status) =>
        status !== undefined &&
        (status.state === "working" || status.state === "switched") &&
        status.peer.isConnected &&
        status.sync.every(({ isComplete, health }) => isComplete && health === "ok"),
    );
  }

  #writeSettings(server: ServerName, mailPort: number): void {
    const { link, database } = this.pipes;
    this.pair.editSettings(server, (settings) => {
      settings.link.peer = { host: "127.0.0.1", port: link[server === "primary" ? 0 : 1].port };
      settings.failover = { ...settings.failover, askedBy: "alertmanager", askValidSeconds: 15 };
      settings.notifications = {
        via: "both",
        overrides: Object.entries(overrides).map(
          ([code, { delaySeconds = 0, repeatSeconds = 0 }]) => `${code}:${delaySeconds}:${repeatSeconds}`,
        ),
        mail: {
          server: { host: "127.0.0.1", port: mailPort },
          security: "none",
          from: "sparesync@pair.example",
          to: ["people@pair.example"],
        },
      };
      for (const one of settings.databases ?? []) {
        one.reinitialiseOnError = false;
        one.journalLimitBytes = journalLimitBytes;
        if (server === "secondary") one.address.port = database.port;
      }
      if (server === "primary") {
        const address = { host: "127.0.0.1", port: this.#resourcePort };
        settings.externalResources = { required: 1, recoverySeconds: 0, resources: [{ name: "world", address }] };
        return;
      }
      settings.externalResources = { recoverySeconds: 0 };
      settings.hooks = [
        {
          name: "site-says-yes",
          when: "before",
          operations: ["switch-to-primary"],
          command: ["/usr/bin/test", "!", "-e", this.vetoFile],
        },
      ];
    });
  }

  /** While this file is there, the administrator's own program forbids to switch to the primary. */
  get vetoFile(): string {
    return join(this.pair.stage.layout.folder, "no-switch-today");
  }

  async #startMonitoring(mailPort: number): Promise<void> {
    const { stage } = this.pair;
    const out = this.pair.folder("monitoring");
    const secrets = this.pair.folder("secrets");
    for (const server of serverNames) {
      writeFileSync(join(secrets, `sparesync-demo-${server}-token`), stage.pair.tokens.alertmanager, { mode: 0o600 });
    }
    const people = join(secrets, "people.yml");
    const mail = {
      to: "people@pair.example",
      from: "alertmanager@pair.example",
      smarthost: `127.0.0.1:${String(mailPort)}`,
      hello: "pair.example",
      require_tls: false,
      headers: { Subject: alertmanagerSubject },
    };
    writeFileSync(people, stringify({ email_configs: [mail] }));
    const generate = async (alertmanagers: readonly string[]): Promise<(name: string) => string> => {
      await stage.sparesync([
        ...["monitoring", "generate", "--settings", ...Object.values(stage.pair.settingsFiles), "--out", out],
        ...["--people", people, "--secrets-folder", secrets, "--scrape-seconds", "1"],
        ...["--alertmanager", ...alertmanagers],
      ]);
      return (name) => readFileSync(join(out, name), "utf8");
    };
    const read = await generate(["127.0.0.1:9093"]);
    // As generated, but for how often a group is looked at again: half a minute is too long to be waited for.
    const config = read("alertmanager.yml").replace("group_interval: 30s", "group_interval: 4s");
    this.#alertmanagers = await startAlertmanagerPair({ config });
    this.#closers.push(() => Promise.all(this.#alertmanagers.map((one) => one.stop())));
    const again = await generate(this.#alertmanagers.map(({ address }) => address));
    const prometheus = await startPrometheus({
      config: again("prometheus.yml"),
      files: { "sparesync-rules.yml": again("sparesync-rules.yml") },
    });
    this.#prometheus = prometheus;
    this.#closers.push(() => prometheus.stop());
  }

  /** Starts an actor and waits for nothing: it may be one that cannot answer. */
  startActor(server: ServerName, environment: Readonly<Record<string, string>> = {}): void {
    const { processes, pair } = this.pair.stage;
    const args = [sparesyncProgram, "actor", "--settings", pair.settingsFiles[server]];
    this.actors.set(server, processes.start(`${server}-actor`, { program: process.execPath, args, environment }));
  }

  /** What is on the internet answers the primary. */
  async openResource(): Promise<void> {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(this.#resourcePort, "127.0.0.1", resolve));
    const address = server.address();
    this.#resourcePort = typeof address === "object" && address !== null ? address.port : 0;
    this.#resource = server;
  }

  async closeResource(): Promise<void> {
    const server = this.#resource;
    this.#resource = undefined;
    if (server === undefined) return;
    await new Promise((resolve) => server.close(resolve));
  }

  async loseApplication(server: ServerName): Promise<void> {
    const { application, applicationConfigFile: marker } = this.pair.stage.layout.servers[server];
    await this.pair.stage.processes.killForeign({ pidFile: application.pidFile, marker });
  }

  /** As an administrator would, past SpareSync. */
  async startApplication(server: ServerName): Promise<void> {
    const control = join(import.meta.dirname, "../../demo/application/control.js");
    const args = [control, "start", "--config", this.pair.stage.layout.servers[server].applicationConfigFile];
    await this.pair.stage.processes.run("application", { program: process.execPath, args }, 30_000);
  }

  get mails(): readonly ToldMail[] {
    return readToldMails(this.#mails?.mails ?? []);
  }

  async query<Result>(expression: string): Promise<readonly Result[]> {
    const answer = await this.#prometheus!.get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
    return (answer as { data: { result: readonly Result[] } }).data.result;
  }

  /** What fires, or is about to, in Prometheus now. */
  async alerts(): Promise<readonly PrometheusAlert[]> {
    const answer = await this.#prometheus!.get("/api/v1/alerts");
    return (answer as { data: { alerts: readonly PrometheusAlert[] } }).data.alerts;
  }

  /** What the first Alertmanager holds. */
  async heldAlerts(): Promise<readonly AlertmanagerAlert[]> {
    return (await this.#alertmanagers[0]!.get("/api/v2/alerts")) as readonly AlertmanagerAlert[];
  }

  /** What has happened on a server since a moment, as its operator is shown it. */
  async history(server: ServerName, sinceMs: number): Promise<readonly EventRecord[]> {
    const { stage } = this.pair;
    const args = ["history", "--settings", stage.pair.settingsFiles[server], "--limit", "1000", "--json"];
    const shown = await stage.sparesync([...args, "--since", new Date(sinceMs).toISOString()], stage.operator);
    return (JSON.parse(shown.trim().split("\n").at(-1) ?? "") as { events: EventRecord[] }).events;
  }

  async end(): Promise<void> {
    await this.pair.end();
    for (const close of this.#closers.reverse()) await close();
    await this.closeResource();
  }
}
