import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { parse, stringify } from "yaml";
import type { z } from "zod";
import { orderSchema } from "../../demo/application/order-database.js";
import { Client } from "../../demo/client.js";
import { differences, type Holdings, lost } from "../../demo/comparison.js";
import { dualActiveSeconds } from "../../demo/dual-active.js";
import { applicationName, type Layout, type ServerLayout, zone } from "../../demo/layout.js";
import { NameResolution } from "../../demo/name-resolution.js";
import { Observer } from "../../demo/observer.js";
import { logTail, type StartedProcess, until } from "../../demo/processes.js";
import { readHoldings } from "../../demo/read-holdings.js";
import { ask } from "../../demo/request.js";
import { Stage } from "../../demo/stage.js";
import { otherServer, type ServerName, serverNames } from "../../shared/core/server-name.js";
import type { settingsSchema } from "../../shared/core/settings/settings.js";
import type { ActorStatus, OperationKind, OperationView } from "../../shared/core/status.js";
import { type BindServer, startBind } from "./bind-server.js";
import type { PostgresqlServer } from "./postgresql-server.js";

const readyLimitMs = 120_000;
const settleLimitMs = 60_000;
const pauseMs = 100;
const shownErrors = 10;

export interface ProcessPairOptions {
  readonly postgresql: PostgresqlServer;
  readonly nameServer: "embedded" | "bind";
  /** Laid over the settings of the demonstration, whose times are too short for a machine that runs other tests too. */
  readonly settings?: SettingsChange;
}

export interface SettingsChange {
  readonly failover?: { readonly allowedUnavailabilitySeconds: number };
  readonly ownership?: {
    readonly selfFenceSeconds: number;
    readonly stopSeconds: number;
    readonly guard: boolean;
  };
}

/** Ending the application means to start two programs, which takes a second each on a busy machine. */
export const patientOwnership = { selfFenceSeconds: 6, stopSeconds: 10, guard: false } as const;

/** A busy machine may take some seconds for a start or a page: that is no lost application. */
const patientFailover = { allowedUnavailabilitySeconds: 10 } as const;

let numberOfPairs = 0;

/**
 * A whole pair as processes: two actors, an application that they start and stop, two databases of one PostgreSQL server,
 * a name server; a client that writes through the name, and an observer that writes to both applications past it.
 */
export class ProcessPair {
  readonly stage: Stage;
  readonly client: Client;
  readonly observer: Observer;
  /** Undefined with BIND. */
  nameServer: StartedProcess | undefined;
  #bind: BindServer | undefined;

  private constructor(stage: Stage) {
    this.stage = stage;
    const { nameServer, applicationPort: port, acknowledgementLog: logFile, servers } = stage.layout;
    const name = new NameResolution(applicationName, nameServer);
    this.client = new Client({ name, port, logFile, rowPauseMs: 50, filePauseMs: 200 });
    const hosts = { primary: servers.primary.host, secondary: servers.secondary.host };
    this.observer = new Observer({ hosts, port, pauseMs: 50 });
  }

  /** The pair without its actors: they are started by the caller, who may want to kill them. */
  static async set({ postgresql, nameServer, settings = {} }: ProcessPairOptions): Promise<ProcessPair> {
    numberOfPairs += 1;
    const databaseOf = (server: ServerName): string => `pair_${numberOfPairs}_${server}`;
    const stage = await Stage.set(undefined, (layout) => withDatabases(layout, postgresql.port, databaseOf));
    const pair = new ProcessPair(stage);
    try {
      await stage.createPair("watch");
      for (const file of Object.values(stage.pair.settingsFiles))
        changeSettings(file, { ownership: patientOwnership, failover: patientFailover, ...settings });
      if (nameServer === "bind") pair.#bind = await startBindFor(stage);
      else pair.nameServer = await stage.startNameServer();
      for (const server of serverNames) {
        await postgresql.createDatabase(databaseOf(server));
        await createTables(stage.layout.servers[server]);
      }
      return pair;
    } catch (error) {
      await pair.end();
      throw error;
    }
  }

  /** Makes the primary the first owner and waits until it serves and the secondary has everything. */
  async begin(): Promise<void> {
    await this.stage.createFirstRecord("primary");
    await this.untilTrue("the primary serves", () => this.stage.isServing("primary"));
    this.observer.start();
    this.client.start();
    await this.untilTrue("the secondary holds a whole copy", async () =>
      isWholeCopy(await this.stage.status("secondary")),
    );
  }

  /** Asks both actors for a switchover until one has taken it. */
  async request(kind: OperationKind): Promise<void> {
    const headers = { authorization: `Bearer ${this.stage.pair.tokens.operator}`, "content-type": "application/json" };
    const body = JSON.stringify({ kind, reason: "test" });
    const isTaken = async (): Promise<boolean> => {
      for (const { host, adminPort: port } of Object.values(this.stage.layout.servers)) {
        const question = { host, port, method: "POST", path: "/v1/operations", headers, body, limitMs: 5_000 } as const;
        const answer = await ask(question).catch(() => undefined);
        if (answer?.status === 202) return true;
        // The answer to a former request may have been lost with the actor.
        if (await this.isKnown(kind)) return true;
      }
      return false;
    };
    await this.untilTrue(`${kind} is accepted`, isTaken);
  }

  async isKnown(kind: OperationKind): Promise<boolean> {
    const seen = await Promise.all(serverNames.map((server) => this.stage.status(server)));
    return seen.some((status) => status?.operation?.kind === kind || status?.lastOperations[0]?.kind === kind);
  }

  /** The newest operation as each of the servers shows it, where it is of this kind and has ended. */
  async endedOperations(kind: OperationKind, servers: readonly ServerName[]): Promise<readonly OperationView[]> {
    const seen = await Promise.all(servers.map((server) => this.stage.status(server)));
    const ended = seen.flatMap((status) =>
      status === undefined || status.operation ? [] : status.lastOperations.slice(0, 1),
    );
    return ended.filter((operation) => operation.kind === kind);
  }

  /** Everything that must be true when `active` has taken over: an empty list. Waits for what may follow a moment later. */
  async problems(active: ServerName): Promise<readonly string[]> {
    const { stage } = this;
    const standby = otherServer(active);
    const problems: string[] = [];
    if (!(await stage.isServing(active))) problems.push(`the ${active} does not serve`);
    if (await stage.isServing(standby)) problems.push(`the ${standby} serves`);
    const name = new NameResolution(applicationName, stage.layout.nameServer);
    const addresses = await name.addresses();
    if (addresses.join() !== stage.layout.servers[active].host) problems.push(`the name is ${addresses.join()}`);
    const acknowledged = [...this.client.acknowledged];
    const held = await this.holdings(active);
    for (const kind of ["row", "file"] as const)
      problems.push(
        ...lost(kind, acknowledged, held).map(({ id, server }) => `lost: ${id}, acknowledged by the ${server}`),
      );
    return problems;
  }

  /** Waits until somebody's write through the name was acknowledged by this server, after now. */
  async untilWrites(server: ServerName): Promise<void> {
    const before = this.client.acknowledged.length;
    await this.untilTrue(`the client is served by the ${server}`, () =>
      this.client.acknowledged.slice(before).some((item) => item.server === server),
    );
  }

  /** Ends client and observer; resolves to what differs between the servers after a while, and for how long both served. */
  async finish(): Promise<{ readonly different: readonly string[]; readonly dualActiveSeconds: number }> {
    await this.client.stop();
    const observations = await this.observer.stop();
    const deadline = performance.now() + settleLimitMs;
    for (;;) {
      const [primary, secondary] = await Promise.all([this.holdings("primary"), this.holdings("secondary")]);
      const { rows, files } = differences(primary, secondary);
      const different = [...rows, ...files];
      if (different.length === 0 || performance.now() > deadline) {
        const committed = new Set([...primary.observations, ...secondary.observations]);
        return { different, dualActiveSeconds: dualActiveSeconds(observations, committed) };
      }
      await sleep(pauseMs);
    }
  }

  /** The rows and files that are not the same on both servers now, without those of the observer, which never rests. */
  async different(): Promise<readonly string[]> {
    const [primary, secondary] = await Promise.all([this.holdings("primary"), this.holdings("secondary")]);
    const observations = new Set<string>();
    const { rows, files } = differences({ ...primary, observations }, { ...secondary, observations });
    return [...rows, ...files];
  }

  holdings(server: ServerName): Promise<Holdings> {
    const { application, uploadFolder } = this.stage.layout.servers[server];
    return readHoldings(application.database, uploadFolder);
  }

  async untilTrue(what: string, isTrue: () => Promise<boolean> | boolean, limitMs = readyLimitMs): Promise<void> {
    // Most look at both actors' status, which costs the actors more than the waiting for the next look costs the test.
    const isTrueOrPause = async (): Promise<boolean> => (await isTrue()) || (await sleep(pauseMs, false));
    await until(what, isTrueOrPause, limitMs).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.logs()}`, { cause: error });
    });
  }

  /** Changes the settings file of one server as an administrator would, before its actor starts. */
  editSettings(server: ServerName, edit: (settings: z.input<typeof settingsSchema>) => void): void {
    const file = this.stage.pair.settingsFiles[server];
    const settings = parse(readFileSync(file, "utf8")) as z.input<typeof settingsSchema>;
    edit(settings);
    writeFileSync(file, stringify(settings));
  }

  /** What a server's actor has logged so far. */
  logLines(server: ServerName): readonly Readonly<Record<string, unknown>>[] {
    const file = join(this.stage.layout.logFolder, `${server}-actor.log`);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The end of both actors' logs, and before it what either of them logged as an error however long ago. */
  logs(): string {
    const errorsOf = (server: ServerName): string =>
      this.logLines(server)
        .filter(({ level }) => level === "error")
        .slice(-shownErrors)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join("");
    const errors = serverNames.map((server) => `--- errors of the ${server}'s actor\n${errorsOf(server)}`);
    const tails = this.stage.actorLogs.map((file) => `--- ${file}\n${logTail(file)}\n`);
    return [...errors, ...tails].join("");
  }

  /** The name server answers nothing any more; what it was sent it works off when it thaws. */
  freezeNameServer(): void {
    this.#bind?.freeze();
  }

  thawNameServer(): void {
    this.#bind?.thaw();
  }

  /** What a process of the stage has written so far. */
  log(name: string): string {
    return readFileSync(join(this.stage.layout.logFolder, `${name}.log`), "utf8");
  }

  folder(name: string): string {
    const folder = join(this.stage.layout.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async end(): Promise<void> {
    await Promise.all([this.client.stop(), this.observer.stop()]);
    await this.stage.end();
    await this.#bind?.stop();
  }
}

export function isWholeCopy(status: ActorStatus | undefined): boolean {
  if (status === undefined) return false;
  const { sync, peer } = status;
  return peer.isConnected && sync.length === 2 && sync.every(({ isComplete, health }) => isComplete && health === "ok");
}

function withDatabases(layout: Layout, port: number, databaseOf: (server: ServerName) => string): Layout {
  const change = (server: ServerLayout): ServerLayout => ({
    ...server,
    application: {
      ...server.application,
      database: { host: "127.0.0.1", port, database: databaseOf(server.server), user: "postgres" },
    },
  });
  const { primary, secondary } = layout.servers;
  return {
    ...layout,
    databaseEngine: "postgresql",
    servers: { primary: change(primary), secondary: change(secondary) },
  };
}

function changeSettings(file: string, change: SettingsChange): void {
  const settings = parse(readFileSync(file, "utf8")) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const groups = Object.entries(change).map(([group, values]) => [group, { ...settings[group], ...values }] as const);
  writeFileSync(file, stringify({ ...settings, ...Object.fromEntries(groups) }));
}

async function createTables({ application }: ServerLayout): Promise<void> {
  const client = new pg.Client(application.database);
  await client.connect();
  await client.query(orderSchema);
  await client.end();
}

function startBindFor({ layout, pair }: Stage): Promise<BindServer> {
  const secret = Buffer.from(readFileSync(pair.tsigSecretFile, "utf8").trim(), "base64");
  return startBind({
    zone,
    key: { name: pair.tsigKeyName, secret },
    port: layout.nameServer.port,
    records: [`${applicationName}. 1 IN A ${layout.servers.primary.host}`],
  });
}
