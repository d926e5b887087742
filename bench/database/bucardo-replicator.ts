import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { untilTrue } from "../programs.js";
import type { Clusters } from "./clusters.js";
import type { Replicator } from "./replicators.js";

const run = promisify(execFile);
const control = "bucardo";
const stopLimitMs = 30_000;

/**
 * Bucardo 5 with one sync of all tables. Its own database stands on the source's server; its programs run as whoever runs
 * the bench, with all files in a folder of their own.
 */
export class BucardoReplicator implements Replicator {
  readonly #clusters: Clusters;
  #folder = "";
  #isStarted = false;

  constructor(clusters: Clusters) {
    this.#clusters = clusters;
  }

  async prepare(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), "sparesync-bench-bucardo-"));
    const [source, target] = this.#clusters.servers;
    await this.#onSource("postgres", `DROP DATABASE IF EXISTS ${control} WITH (FORCE)`);
    await this.#onSource("postgres", "DROP ROLE IF EXISTS bucardo");
    await this.#onSource("postgres", "CREATE ROLE bucardo SUPERUSER LOGIN");
    await this.#onSource("postgres", `CREATE DATABASE ${control} OWNER bucardo`);
    await this.#bucardo("postgres", "postgres", "--batch", "install");
    const place = (port: number): readonly string[] => [
      "dbname=shop",
      "host=127.0.0.1",
      `port=${port}`,
      "user=postgres",
    ];
    await this.#say("add", "db", "source", ...place(source.port));
    await this.#say("add", "db", "target", ...place(target.port));
    await this.#say("add", "all", "tables", "db=source", "relgroup=bench");
    // 2: copied once, where the target's table is empty.
    await this.#say("add", "sync", "bench", "relgroup=bench", "dbs=source:source,target:target", "onetimecopy=2");
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    await this.#say("start");
  }

  async untilCopied(): Promise<void> {
    await this.#until("the copy is done", "SELECT onetimecopy = 0 AS is_true FROM bucardo.sync WHERE name = 'bench'");
  }

  async pause(): Promise<void> {
    await this.#say("pause", "bench");
  }

  async resume(): Promise<void> {
    await this.#say("resume", "bench");
  }

  async stop(): Promise<void> {
    if (this.#isStarted) {
      const pid = Number(
        (await readFile(join(this.#folder, "bucardo.mcp.pid"), "utf8").catch(() => "0")).split("\n")[0],
      );
      await this.#say("stop");
      await untilTrue("bucardo has ended", () => Promise.resolve(pid === 0 || !isRunning(pid)), {
        limitMs: stopLimitMs,
        pauseMs: 100,
      });
    }
    await this.#onSource("postgres", `DROP DATABASE IF EXISTS ${control} WITH (FORCE)`);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #say(...words: readonly string[]): Promise<void> {
    await this.#bucardo("bucardo", control, ...words);
  }

  async #bucardo(user: string, database: string, ...words: readonly string[]): Promise<void> {
    const place = ["-h", "127.0.0.1", "-p", String(this.#clusters.servers[0].port), "-U", user, "-d", database];
    const files = ["--no-bucardorc", "--piddir", this.#folder, "--logdest", "none"];
    const env = { ...process.env, HOME: this.#folder, BUCARDO_HOME: this.#folder };
    await run("bucardo", [...files, ...place, ...words], { env, cwd: this.#folder, timeout: 120_000 });
  }

  async #until(what: string, query: string): Promise<void> {
    const client = await this.#connect(control);
    const isTrue = async (): Promise<boolean> => {
      const { rows } = await client.query<{ is_true: boolean }>(query);
      return rows[0]?.is_true === true;
    };
    await untilTrue(what, isTrue, { limitMs: 600_000, pauseMs: 10 });
    await client.end();
  }

  async #onSource(database: string, statement: string): Promise<void> {
    const client = await this.#connect(database);
    await client.query(statement);
    await client.end();
  }

  async #connect(database: string): Promise<pg.Client> {
    const { port } = this.#clusters.servers[0];
    const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
