import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseActorOptions } from "../../test/support/database-actor.js";
import { testSettings } from "../../test/support/database-fixture.js";
import { freePort } from "../../test/support/free-port.js";
import { missingProgram } from "../programs.js";
import { ours } from "../bench.js";
import { BucardoReplicator } from "./bucardo-replicator.js";
import type { Clusters } from "./clusters.js";

export const native = "native logical replication";
export const bucardo = "bucardo";

/** What keeps the target like the source. Its tables are on both sides already, on the target empty. */
export interface Replicator {
  /** Makes ready what in production runs all the time (a server's own replication does). */
  prepare(): Promise<void>;
  /** Begins, with the copy of what is there; resolves before that is done. */
  start(): Promise<void>;
  /** Resolves when the copy is done. */
  untilCopied(): Promise<void>;
  /** Stops sending; what is written from now on waits. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export function openReplicator(contender: string, clusters: Clusters): Replicator {
  if (contender === ours) return new OwnReplicator(clusters);
  return contender === bucardo ? new BucardoReplicator(clusters) : new NativeReplicator(clusters);
}

/** Why a replicator cannot be measured here. */
export function missingReplicator(contender: string): string | undefined {
  if (contender !== bucardo) return undefined;
  return missingProgram("bucardo", "bucardo postgresql-plperl-15");
}

/** The product: two actors as processes, with the link between them. */
class OwnReplicator implements Replicator {
  readonly #clusters: Clusters;
  readonly #actors: (ChildProcess | undefined)[] = [undefined, undefined];
  #ports: readonly number[] = [];
  #folder = "";

  constructor(clusters: Clusters) {
    this.#clusters = clusters;
  }

  async prepare(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), "sparesync-bench-"));
    this.#ports = [await freePort(), await freePort()];
    await this.#startActor(1, false);
    await this.#startActor(0, true);
  }

  async start(): Promise<void> {
    const source = this.#actors[0];
    source?.stdin?.write("go\n");
    await Promise.resolve();
  }

  async untilCopied(): Promise<void> {
    const query = "coalesce((SELECT stage = 'complete' FROM sparesync.applied), false)";
    await this.#clusters.until("the target is complete", query, this.#clusters.target);
  }

  async pause(): Promise<void> {
    await this.#tell("off");
  }

  async resume(): Promise<void> {
    await this.#tell("on");
  }

  async stop(): Promise<void> {
    await this.#end(0);
    await this.#end(1);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #startActor(at: number, isHeld: boolean): Promise<void> {
    const port = this.#clusters.servers[at]?.port ?? 0;
    const options: DatabaseActorOptions = {
      server: at === 0 ? "primary" : "secondary",
      settings: testSettings("postgresql", port, "shop", { pauseSeconds: 0.02 }),
      role: at === 0 ? { role: "source", epoch: 1, continuous: true } : { role: "target", epoch: 1 },
      port: this.#ports[at] ?? 0,
      peerPort: this.#ports[1 - at] ?? 0,
      stateDirectory: join(this.#folder, String(at)),
      isHeld,
    };
    const script = join(import.meta.dirname, "../../test/support/database-actor.js");
    const env = { ...process.env, NODE_OPTIONS: "", NODE_NO_WARNINGS: "1" };
    const child = spawn(process.execPath, [script, JSON.stringify(options)], {
      env,
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#actors[at] = child;
    await once(child.stdout, "data");
  }

  /** As an operator turns it off and on; as with the server's own replication, the program goes on running. */
  async #tell(word: "on" | "off"): Promise<void> {
    const source = this.#actors[0];
    if (!source?.stdout || !source.stdin) throw new Error("the source's actor does not run");
    const heard = once(source.stdout, "data");
    source.stdin.write(`${word}\n`);
    await heard;
  }

  async #end(at: number): Promise<void> {
    const child = this.#actors[at];
    this.#actors[at] = undefined;
    if (!child) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
}

/** PostgreSQL's own logical replication: a publication of all tables and one subscription. */
class NativeReplicator implements Replicator {
  readonly #clusters: Clusters;

  constructor(clusters: Clusters) {
    this.#clusters = clusters;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async start(): Promise<void> {
    const { source, target, servers } = this.#clusters;
    await source.query("CREATE PUBLICATION bench FOR ALL TABLES");
    const place = `host=127.0.0.1 port=${servers[0].port} user=postgres dbname=shop`;
    await target.query(`CREATE SUBSCRIPTION bench CONNECTION '${place}' PUBLICATION bench`);
  }

  async untilCopied(): Promise<void> {
    const query = "SELECT count(*) > 0 AND bool_and(srsubstate = 'r') FROM pg_subscription_rel";
    await this.#clusters.until("all tables are synchronised", query, this.#clusters.target);
  }

  async pause(): Promise<void> {
    await this.#clusters.target.query("ALTER SUBSCRIPTION bench DISABLE");
  }

  async resume(): Promise<void> {
    await this.#clusters.target.query("ALTER SUBSCRIPTION bench ENABLE");
  }

  async stop(): Promise<void> {
    await this.#clusters.target.query("DROP SUBSCRIPTION bench");
    await this.#clusters.source.query("DROP PUBLICATION bench");
  }
}
