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
  MissingConnection: { delaySeconds: 4, repeatSeconds: 6 },
  FileSyncProblemWarn: { delaySeconds: 4, repeatSeconds: 6 },
  FileSyncProblemFatal: { delaySeconds: 5, repeatSeconds: 6 },
  ConfigurationError: { delaySeconds: 1, repeatSeconds: 6 },
  MainAppInvisible: { delaySeconds: 6, repeatSeconds: 6 },
  DbSyncProblemWarn: { delaySeconds: 4, repeatSeconds: 6 },
  DbSyncProblemFatal: { delaySeconds: 5, repeatSeconds: 6 },
  OtherStoppedNotify: { delaySeconds: 4, repeatSeconds: 6 },
  HttpServerNotStarted: { delaySeconds: 0, repeatSeconds: 6 },
  LinkServerNotStarted: { delaySeconds: 0, repeatSeconds: 6 },
  ExternalResourcesInvisible: { delaySeconds: 4, repeatSeconds: 6 },
  ActorDown: { delaySeconds: 4, repeatSeconds: 6 },
};

const journalLimitBytes = 65_536;

/** Longer than any test: a service interval ends here when the settings say so, not when a slow machine comes to it. */
const serviceMs = 12 * 3_600_000;
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
    const interval = longServiceInterval();
    for (const server of serverNames) this.#writeSettings(server, mails.port, interval);
    await this.#startActors();
    await pair.begin();
    await Promise.all([pair.client.stop(), pair.observer.stop()]);
    await Promise.all(serverNames.map((server) => pair.stage.startExporter(server)));
    await this.#startMonitoring(mails.port);
    await pair.untilTrue("both work, the copies whole", () => this.isWell());
  }

  async #startActors(): Promise<void> {
    const { pair } = this;
    for (const server of serverNames) this.startActor(server);
    await pair.untilTrue("both actors are there for each other", async () => {
      const seen = await Promise.all(serverNames.map((server) => pair.stage.status(server)));
      return seen.every((status) => status?.peer.isConnected === true);
    });
  }

  /** Takes the service interval, in which the pair begins, out of the settings. */
  async endServiceInterval(): Promise<void> {
    for (const server of serverNames) {
      this.pair.editSettings(server, (settings) => {
        settings.serviceIntervals = { intervals: [] };
      });
    }
    const config = alertmanagerConfig(await this.#generate());
    for (const one of this.#alertmanagers) {
      writeFileSync(join(one.directory, "config.yml"), config);
      await one.reload();
    }
    await Promise.all([...this.actors.values()].map((actor) => actor.end()));
    await this.#startActors();
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

  #writeSettings(server: ServerName, mailPort: number, interval: ReturnType<typeof longServiceInterval>): void {
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
      settings.serviceIntervals = { intervals: [interval] };
      if (server === "secondary") {
        settings.externalResources = { recoverySeconds: 0 };
        return;
      }
      const address = { host: "127.0.0.1", port: this.#resourcePort };
      settings.externalResources = { required: 1, recoverySeconds: 0, resources: [{ name: "world", address }] };
      settings.hooks = [
        {
          name: "site-says-yes",
          when: "before",
          operations: ["switch-to-secondary"],
          command: ["/usr/bin/test", "!", "-e", this.vetoFile],
        },
      ];
    });
  }

  /** While this file is there, the administrator's own program forbids to switch to the secondary. */
  get vetoFile(): string {
    return join(this.pair.stage.layout.folder, "no-switch-today");
  }

  async #startMonitoring(mailPort: number): Promise<void> {
    const { stage } = this.pair;
    for (const server of serverNames) {
      const put = (name: string, content: string): void => {
        writeFileSync(join(this.#secrets, `sparesync-demo-${server}-${name}`), content, { mode: 0o600 });
      };
      put("token", stage.pair.tokens.alertmanager);
      put("scrape-password", readFileSync(stage.pair.scrape.passwordFile, "utf8"));
      put("exporter.pem", readFileSync(join(stage.layout.settingsFolder, server, "link-certificate.pem"), "utf8"));
    }
    const mail = {
      to: "people@pair.example",
      from: "alertmanager@pair.example",
      smarthost: `127.0.0.1:${String(mailPort)}`,
      hello: "pair.example",
      require_tls: false,
      headers: { Subject: alertmanagerSubject },
    };
    writeFileSync(this.#people, stringify({ email_configs: [mail] }));
    this.#alertmanagers = await startAlertmanagerPair({ config: alertmanagerConfig(await this.#generate()) });
    this.#closers.push(() => Promise.all(this.#alertmanagers.map((one) => one.stop())));
    const read = await this.#generate();
    const prometheus = await startPrometheus({
      config: read("prometheus.yml"),
      files: { "sparesync-rules.yml": read("sparesync-rules.yml") },
    });
    this.#prometheus = prometheus;
    this.#closers.push(() => prometheus.stop());
  }

  /** The product's own files for this pair as its settings are now. */
  async #generate(): Promise<(name: string) => string> {
    const { stage } = this.pair;
    const out = this.pair.folder("monitoring");
    const alertmanagers = this.#alertmanagers.map(({ address }) => address);
    await stage.sparesync([
      ...["monitoring", "generate", "--settings", ...Object.values(stage.pair.settingsFiles), "--out", out],
      ...["--people", this.#people, "--secrets-folder", this.#secrets, "--scrape-seconds", "1"],
      ...["--alertmanager", ...(alertmanagers.length === 0 ? ["127.0.0.1:9093"] : alertmanagers)],
    ]);
    return (name) => readFileSync(join(out, name), "utf8");
  }

  get #secrets(): string {
    return this.pair.folder("secrets");
  }

  get #people(): string {
    return join(this.#secrets, "people.yml");
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
    await this.pair.stage.processes.run("application", { program: process.execPath, args }, 120_000);
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

/** As generated, but for how often a group is looked at again: half a minute is too long to be waited for. */
function alertmanagerConfig(read: (name: string) => string): string {
  return read("alertmanager.yml").replace("group_interval: 30s", "group_interval: 3s");
}

/** A service interval that has begun and does not end while a test runs. */
function longServiceInterval(): { readonly name: string; readonly start: string; readonly end: string } {
  const clockAt = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
  return { name: "night", start: clockAt(Date.now() - 60_000), end: clockAt(Date.now() + serviceMs) };
}
