import { cpSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type ServerName, serverNames } from "../shared/core/server-name.js";
import type { ActorStatus } from "../shared/core/status.js";
import { acceptsConnection } from "./accepts-connection.js";
import { readStatus } from "./actor-view.js";
import { orderSchema } from "./application/order-database.js";
import { takePortBlock, twoLoopbackAddresses } from "./free-ports.js";
import { type Layout, planLayout } from "./layout.js";
import { Processes, type StartedProcess, type StartOptions, until } from "./processes.js";
import { type AskedBy } from "./server-settings.js";
import { ask } from "./request.js";
import { createPair, nameServerConfig, type PairFiles, sparesyncProgram } from "./pair-files.js";

const startLimitMs = 90_000;
/** Making a PGlite database takes nine seconds of a processor, which may be a busy one. */
const databaseLimitMs = 90_000;
const commandLimitMs = 120_000;

const programs = join(import.meta.dirname);
const nameServerProgram = join(programs, "name-server", "main.js");
const databaseProgram = join(programs, "pglite-server.js");

/** The processes of one server: all of them are lost together. */
interface ServerProcesses {
  database?: StartedProcess;
  actor?: StartedProcess;
  guard?: StartedProcess;
  exporter?: StartedProcess;
}

/** Puts a process of a server into another place than this machine's own network. */
export type Enter = (server: ServerName, start: StartOptions) => StartOptions;

/** Everything that is started and put on disk for one demonstration, and its end. */
export class Stage {
  readonly layout: Layout;
  readonly processes: Processes;
  readonly #release: () => Promise<void>;
  readonly #enter: Enter;
  readonly #servers: Record<ServerName, ServerProcesses> = { primary: {}, secondary: {} };
  #pair: PairFiles | undefined;
  #end: Promise<void> | undefined;

  private constructor(layout: Layout, release: () => Promise<void>, enter: Enter) {
    this.layout = layout;
    this.#release = release;
    this.#enter = enter;
    this.processes = new Processes(layout.logFolder);
    for (const { application, applicationConfigFile } of Object.values(layout.servers)) {
      this.processes.alsoEnd({ pidFile: application.pidFile, marker: applicationConfigFile });
    }
  }

  /**
   * Takes ports and a temporary folder, and puts both servers' folders into it, the primary's with `content`. `change`
   * puts other servers in the place of the demonstration's own ones.
   */
  static async set(
    content: string | undefined,
    change = (layout: Layout): Layout => layout,
    enter: Enter = (_, start) => start,
  ): Promise<Stage> {
    const hosts = await twoLoopbackAddresses();
    const block = await takePortBlock([...new Set([...hosts, "127.0.0.1"])]);
    const folder = mkdtempSync(join(tmpdir(), "sparesync-demo-"));
    const stage = new Stage(change(planLayout(folder, hosts, block.ports)), () => block.release(), enter);
    try {
      stage.#putFiles(content);
    } catch (error) {
      await stage.end();
      throw error;
    }
    return stage;
  }

  #putFiles(content: string | undefined): void {
    mkdirSync(this.layout.logFolder);
    for (const server of Object.values(this.layout.servers)) {
      mkdirSync(server.folder);
      for (const folder of [server.uploadFolder, server.programFolder, server.databaseFolder]) mkdirSync(folder);
      writeFileSync(server.applicationConfigFile, JSON.stringify(server.application));
    }
    if (content === undefined) return;
    cpSync(content, this.layout.servers.primary.uploadFolder, {
      recursive: true,
      verbatimSymlinks: true,
      // Sockets, pipes and devices have no content that could be copied.
      filter: (source) => {
        const entry = lstatSync(source);
        return entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
      },
    });
  }

  /** Makes the pair with the product's own `init`. */
  async createPair(askedBy: AskedBy): Promise<void> {
    this.#pair = await createPair(this.layout, askedBy, (args) => this.sparesync(args));
  }

  get pair(): PairFiles {
    if (this.#pair === undefined) throw new Error("the pair is not made yet");
    return this.#pair;
  }

  /** Runs the product's command to its end; resolves to its standard output. */
  sparesync(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const start = { program: process.execPath, args: [sparesyncProgram, ...args], environment };
    return this.processes.run(`sparesync ${args[0] ?? ""}`, start, commandLimitMs);
  }

  async startNameServer(): Promise<StartedProcess> {
    const file = join(this.layout.folder, "name-server.json");
    writeFileSync(file, JSON.stringify(nameServerConfig(this.layout, this.pair)), { mode: 0o600 });
    const args = [nameServerProgram, "--config", file];
    const server = this.processes.start("name-server", { program: process.execPath, args });
    const { host, port } = this.layout.nameServer;
    await until("the name server answers", () => acceptsConnection(host, port), startLimitMs, [server]);
    return server;
  }

  /**
   * Installs the application's database on both servers: the same empty tables. It is made once and copied, because making
   * a PGlite database costs ten times as much as opening one.
   */
  async installDatabases(): Promise<void> {
    const { primary, secondary } = this.layout.servers;
    const database = await this.#openDatabase("primary");
    const client = new pg.Client(primary.application.database);
    await client.connect();
    await client.query(orderSchema);
    await client.end();
    await database.end();
    cpSync(primary.databaseFolder, secondary.databaseFolder, { recursive: true });
  }

  async startDatabase(name: ServerName): Promise<void> {
    this.#servers[name].database = await this.#openDatabase(name);
  }

  async #openDatabase(name: ServerName): Promise<StartedProcess> {
    const { databaseFolder, application } = this.layout.servers[name];
    const { host, port } = application.database;
    const args = [databaseProgram, "--folder", databaseFolder, "--port", String(port)];
    const database = this.#node(name, "database", args);
    await until(`the ${name}'s database answers`, () => acceptsConnection(host, port), databaseLimitMs, [database]);
    return database;
  }

  /** Starts an actor; resolves to its process when it answers. */
  async startActor(name: ServerName, environment: Readonly<Record<string, string>> = {}): Promise<StartedProcess> {
    const args = [sparesyncProgram, "actor", "--settings", this.pair.settingsFiles[name]];
    const start = this.#enter(name, { program: process.execPath, args, environment });
    const actor = this.processes.start(`${name}-actor`, start);
    this.#servers[name].actor = actor;
    await until(`the ${name}'s actor answers`, async () => (await this.status(name)) !== undefined, startLimitMs, [
      actor,
    ]);
    return actor;
  }

  /** Starts the guard, which needs nobody to wait for it: the actor says when it has seen it. */
  startGuard(name: ServerName): void {
    const args = [sparesyncProgram, "guard", "--settings", this.pair.settingsFiles[name]];
    this.#servers[name].guard = this.#node(name, "guard", args);
  }

  async startExporter(name: ServerName): Promise<void> {
    const args = [sparesyncProgram, "exporter", "--settings", this.pair.settingsFiles[name]];
    const exporter = this.#node(name, "exporter", args);
    this.#servers[name].exporter = exporter;
    const { host, exporterPort: port } = this.layout.servers[name];
    await until(`the ${name}'s exporter answers`, () => acceptsConnection(host, port), startLimitMs, [exporter]);
  }

  /** The operator's first act: this server owns the name from now on. */
  async createFirstRecord(name: ServerName): Promise<void> {
    await this.sparesync(["first-record", "--settings", this.pair.settingsFiles[name]], this.operator);
  }

  /** How the operator's token reaches the command: not on the command line, which everybody on a machine can read. */
  get operator(): Readonly<Record<string, string>> {
    return { SPARESYNC_TOKEN: this.pair.tokens.operator };
  }

  /** The status of a server's actor; undefined when it does not answer. */
  status(name: ServerName): Promise<ActorStatus | undefined> {
    const { adminHost: host, adminPort: port } = this.layout.servers[name];
    return readStatus({ host, port, token: this.pair.tokens.viewer });
  }

  /** The whole server is lost at one moment: application, database, actor, guard and exporter. Nothing is told to anyone. */
  async loseServer(name: ServerName): Promise<void> {
    const { application, applicationConfigFile } = this.layout.servers[name];
    const { actor, guard, database, exporter } = this.#servers[name];
    this.#servers[name] = {};
    const marker = applicationConfigFile;
    await Promise.all([
      actor?.kill(),
      guard?.kill(),
      this.processes.killForeign({ pidFile: application.pidFile, marker }),
      database?.kill(),
      exporter?.kill(),
    ]);
  }

  /** The test page at a server's own address, past the name. */
  async isServing(name: ServerName): Promise<boolean> {
    const { host } = this.layout.servers[name];
    const question = {
      host,
      port: this.layout.applicationPort,
      method: "GET",
      path: "/health",
      limitMs: 2_000,
    } as const;
    return await ask(question).then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** Ends every process and removes every file. May be called at any time, also twice. */
  end(): Promise<void> {
    this.#end ??= this.#endAll();
    return this.#end;
  }

  async #endAll(): Promise<void> {
    await this.processes.end();
    rmSync(this.layout.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    await this.#release();
  }

  /** The log files of both servers' actors, for when something went wrong. */
  get actorLogs(): readonly string[] {
    return serverNames.map((name) => join(this.layout.logFolder, `${name}-actor.log`));
  }

  /** The processes of a server that run now. */
  running(name: ServerName): readonly StartedProcess[] {
    return Object.values(this.#servers[name]).filter((one: StartedProcess | undefined) => one !== undefined);
  }

  #node(server: ServerName, name: string, args: readonly string[]): StartedProcess {
    return this.processes.start(`${server}-${name}`, this.#enter(server, { program: process.execPath, args }));
  }
}
