import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { SeededRandom } from "../simulation/seeded-random.js";
import type { DatabaseActorOptions } from "./database-actor.js";
import { connectApplication, testSettings } from "./database-fixture.js";
import { freePort } from "./free-port.js";
import { loopbackClock } from "./loopback-clock.js";
import { startPostgresqlServer, type PostgresqlServer } from "./postgresql-server.js";
import { randomSchema, writeRandomly, type RandomSchema, type WriterLedger } from "./random-workload.js";

export interface KillRunOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly writers: number;
  /** Writing goes on so long between two comparisons at rest. */
  readonly restEverySeconds: number;
  readonly report: (line: string) => void;
  /** Where the actors' logs are kept, one file for each; left out: nowhere. */
  readonly logFolder?: string;
}

export interface KillRunResult {
  readonly seed: number;
  readonly seconds: number;
  readonly transactions: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly rests: number;
  readonly rows: number;
  readonly differences: readonly string[];
  readonly lost: number;
  readonly doubled: number;
  /** Actors that ended without being killed. */
  readonly ended: readonly string[];
}

const victims = ["actor a", "actor b", "server a", "server b"] as const;
const settleLimitMs = 120_000;
const fewestKills = 3;

/**
 * Two database servers, two actors as processes, writers that never rest, and SIGKILL at random moments. Every so often
 * the writers pause, and both databases must become identical, with every acknowledged transaction in them once.
 */
export async function runWithKills(options: KillRunOptions): Promise<KillRunResult> {
  const run = await KillRun.start(options);
  try {
    return await run.go();
  } finally {
    await run.end();
  }
}

class KillRun {
  readonly #options: KillRunOptions;
  readonly #random: SeededRandom;
  readonly #schema: RandomSchema;
  readonly #servers: readonly [PostgresqlServer, PostgresqlServer];
  readonly #folder: string;
  readonly #ports: readonly [number, number];
  readonly #actors: (ChildProcess | undefined)[] = [undefined, undefined];
  readonly #ledgers: readonly WriterLedger[];
  readonly #kills: Record<string, number> = Object.fromEntries(victims.map((victim) => [victim, 0]));
  readonly #numbers: number[];
  /** Actors that ended by themselves. */
  readonly #ended: string[] = [];
  #isWriting = false;

  /** Asked anew each time: it changes while something is awaited. */
  #goesOn(): boolean {
    return this.#isWriting;
  }

  private constructor(
    options: KillRunOptions,
    servers: readonly [PostgresqlServer, PostgresqlServer],
    folder: string,
    ports: readonly [number, number],
  ) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#schema = randomSchema(this.#random);
    this.#servers = servers;
    this.#folder = folder;
    this.#ports = ports;
    this.#ledgers = Array.from({ length: options.writers }, () => ({ committed: new Set(), unclear: new Set() }));
    this.#numbers = Array.from({ length: options.writers }, () => 0);
  }

  static async start(options: KillRunOptions): Promise<KillRun> {
    const servers = await Promise.all([startPostgresqlServer(), startPostgresqlServer()]);
    const folder = await mkdtemp(join(tmpdir(), "sparesync-kill-run-"));
    const run = new KillRun(options, servers, folder, [await freePort(), await freePort()]);
    for (const [at, server] of servers.entries()) {
      await server.createDatabase("shop");
      const client = await connectApplication(run.#settings(at));
      await client.query(run.#schema.ddl);
      // The first copy, too, is under kill.
      if (at === 0) await client.query(run.#schema.filling);
      await client.end();
    }
    await run.#startActor(1);
    await run.#startActor(0);
    return run;
  }

  async go(): Promise<KillRunResult> {
    const { seconds, restEverySeconds, report, seed } = this.#options;
    const endMs = loopbackClock.monotonicMs() + seconds * 1000;
    let outcome = { rows: 0, differences: [] as readonly string[], lost: 0, doubled: 0 };
    let rests = 0;
    while (loopbackClock.monotonicMs() < endMs && outcome.differences.length + this.#ended.length === 0) {
      const restMs = Math.min(endMs, loopbackClock.monotonicMs() + restEverySeconds * 1000);
      if (rests > 0) await this.#askForCopy();
      await this.#writeAndKillUntil(restMs);
      outcome = await this.#compareAtRest();
      rests += 1;
      report(
        JSON.stringify({ rests, transactions: this.#committed(), kills: this.#kills, ...outcome, ended: this.#ended }),
      );
    }
    return {
      seed,
      seconds,
      transactions: this.#committed(),
      kills: this.#kills,
      rests,
      ...outcome,
      ended: this.#ended,
    };
  }

  async end(): Promise<void> {
    this.#isWriting = false;
    for (const at of [0, 1]) await this.#killActor(at);
    await Promise.all(this.#servers.map((server) => server.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #settings(at: number) {
    const port = this.#servers[at]?.port ?? 0;
    return testSettings("postgresql", port, "shop", { batchRows: 500, verificationSeconds: 0 });
  }

  #committed(): number {
    return this.#ledgers.reduce((sum, { committed }) => sum + committed.size, 0);
  }

  async #startActor(at: number): Promise<void> {
    const options: DatabaseActorOptions = {
      server: at === 0 ? "primary" : "secondary",
      settings: this.#settings(at),
      role: at === 0 ? { role: "source", epoch: 1, continuous: true } : { role: "target", epoch: 1 },
      port: this.#ports[at] ?? 0,
      peerPort: this.#ports[1 - at] ?? 0,
      stateDirectory: join(this.#folder, String(at)),
    };
    const script = fileURLToPath(new URL("database-actor.js", import.meta.url));
    const env = { ...process.env, NODE_OPTIONS: "", NODE_NO_WARNINGS: "1" };
    const { logFolder } = this.#options;
    const child = spawn(process.execPath, [script, JSON.stringify(options)], { env, stdio: "pipe" });
    if (logFolder === undefined) child.stderr.resume();
    else child.stderr.pipe(createWriteStream(join(logFolder, `actor-${at}.log`), { flags: "a" }));
    this.#actors[at] = child;
    child.once("exit", (code, signal) => {
      // Who was killed is no longer in its place.
      if (this.#actors[at] === child)
        this.#ended.push(`actor ${at}: code ${code ?? "none"}, signal ${signal ?? "none"}`);
    });
    await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  }

  async #killActor(at: number): Promise<void> {
    const child = this.#actors[at];
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.#actors[at] = undefined;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async #writeAndKillUntil(endMs: number): Promise<void> {
    this.#isWriting = true;
    const writers = this.#ledgers.map((ledger, writer) => this.#write(writer, ledger));
    // On a busy machine a restart takes long: a run without kills would prove nothing.
    for (let kills = 0; loopbackClock.monotonicMs() < endMs || kills < fewestKills; kills += 1) {
      await loopbackClock.sleep(this.#random.between(200, 4000));
      const victim = this.#random.pick(victims);
      const at = victim.endsWith("a") ? 0 : 1;
      this.#kills[victim] = (this.#kills[victim] ?? 0) + 1;
      if (victim.startsWith("server")) {
        await this.#servers[at].crash();
        continue;
      }
      await this.#killActor(at);
      await loopbackClock.sleep(this.#random.between(0, 500));
      await this.#startActor(at);
    }
    this.#isWriting = false;
    await Promise.all(writers);
  }

  /** What `database reinitialise` does; the copy begins when the source asks its target next, after a kill or a cut. */
  async #askForCopy(): Promise<void> {
    const client = await connectApplication(this.#settings(0));
    await client.query("UPDATE sparesync.meta SET is_copy_requested = true");
    await client.end();
  }

  /** Writes with a random of its own until told to stop; a lost connection is made anew. */
  async #write(writer: number, ledger: WriterLedger): Promise<void> {
    const random = new SeededRandom(this.#options.seed * 1000 + writer * 7 + (this.#numbers[writer] ?? 0));
    while (this.#goesOn()) {
      const client = await connectApplication(this.#settings(0)).catch(() => undefined);
      if (!client) {
        await loopbackClock.sleep(50);
        continue;
      }
      try {
        while (this.#goesOn()) {
          const n = (this.#numbers[writer] ?? 0) + 1;
          this.#numbers[writer] = n;
          await writeRandomly(client, random, this.#schema, writer, n, ledger);
        }
      } catch {
        // The server was killed: what the answer to the last COMMIT would have been nobody knows.
      }
      await client.end().catch(() => undefined);
    }
  }

  async #compareAtRest() {
    const clients = [await connectApplication(this.#settings(0)), await connectApplication(this.#settings(1))] as const;
    try {
      const limitMs = loopbackClock.monotonicMs() + settleLimitMs;
      let differences = await this.#differences(clients);
      while (differences.length > 0 && loopbackClock.monotonicMs() < limitMs) {
        await loopbackClock.sleep(200);
        differences = await this.#differences(clients);
      }
      return { differences, ...(await this.#compareLedger(clients[1])) };
    } finally {
      await Promise.all(clients.map((client) => client.end()));
    }
  }

  async #differences(clients: readonly [pg.Client, pg.Client]): Promise<readonly string[]> {
    const names = [...this.#schema.tables.map(({ name }) => name), "ledger", "ledger_keyless"];
    const sums = names.map(
      (name) =>
        `SELECT '${name}' AS name, count(*) AS n, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS sum FROM ${name} t`,
    );
    const [source, target] = await Promise.all(
      clients.map(
        async (client) => (await client.query<{ name: string; n: string; sum: string }>(sums.join(" UNION ALL "))).rows,
      ),
    );
    // Parts of a UNION ALL may come in any order.
    const there = new Map((target ?? []).map((row) => [row.name, row]));
    return (source ?? []).flatMap((row) => {
      const other = there.get(row.name);
      return other?.sum === row.sum && other.n === row.n
        ? []
        : [`${row.name}: ${row.n} rows, on the target ${other?.n ?? "?"}`];
    });
  }

  async #compareLedger(
    target: pg.Client,
  ): Promise<{ readonly rows: number; readonly lost: number; readonly doubled: number }> {
    const { rows } = await target.query<{ writer: number; n: number; times: string }>(
      "SELECT writer, n, count(*) AS times FROM (SELECT * FROM ledger UNION ALL SELECT * FROM ledger_keyless) both_of_them GROUP BY writer, n",
    );
    const seen = new Map(rows.map(({ writer, n, times }) => [`${writer}/${n}`, Number(times)]));
    let lost = 0;
    for (const [writer, { committed }] of this.#ledgers.entries()) {
      for (const n of committed) if ((seen.get(`${writer}/${n}`) ?? 0) < 2) lost += 1;
    }
    const doubled = [...seen.values()].filter((times) => times > 2).length;
    return { rows: seen.size, lost, doubled };
  }
}
