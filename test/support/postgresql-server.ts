import { spawn, execFile, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { testSettings, type DatabaseFixture } from "./database-fixture.js";
import { freePort } from "./free-port.js";

const run = promisify(execFile);

export interface PostgresqlServer {
  readonly port: number;
  /** Of the postmaster. */
  pid(): number;
  createDatabase(name: string): Promise<void>;
  /** Kills every process of the server at once and starts it again; what was committed is there. */
  crash(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server of its own in a new folder; its programs come from Debian's folders or the PATH. */
export async function startPostgresqlServer(
  more: readonly string[] = [],
  /** More settings that need to know who runs the server. */
  settingsFor: (owner: ServerOwner | undefined) => Promise<readonly string[]> = () => Promise.resolve([]),
): Promise<PostgresqlServer> {
  const owner = await serverOwner();
  const folder = await mkdtemp(join(tmpdir(), "sparesync-postgresql-"));
  if (owner) await chown(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const options = { ...owner, cwd: folder };
  await run(
    postgresqlProgram("initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
    options,
  );
  const port = await freePort();
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "max_connections=150",
    "max_prepared_transactions=5",
    // A later one of the same name counts.
    ...more,
    ...(await settingsFor(owner)),
  ];
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(
      postgresqlProgram("postgres"),
      ["-D", data, "-p", String(port), ...settings.flatMap((each) => ["-c", each])],
      { ...options, stdio: "ignore" },
    );
    await waitUntilReady(port);
    return child;
  };
  let server = await start();
  return {
    port,
    pid: () => server.pid ?? 0,
    crash: async () => {
      const exited = once(server, "exit");
      // Without fsync the kernel still has what was written: only a loss of power would lose it.
      server.kill("SIGKILL");
      await exited;
      await waitUntilFree(join(data, "postmaster.pid"));
      server = await start();
    },
    createDatabase: (name) => onServer(port, `CREATE DATABASE ${name}`),
    stop: async () => {
      // SIGINT is PostgreSQL's fast shutdown: sessions are ended.
      const exited = once(server, "exit");
      server.kill("SIGINT");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A server with the two databases of a pair. */
export async function startPostgresqlFixture(): Promise<DatabaseFixture> {
  const server = await startPostgresqlServer();
  await server.createDatabase("shop_a");
  await server.createDatabase("shop_b");
  const settings = (name: string) => testSettings("postgresql", server.port, name);
  return {
    name: "PostgreSQL",
    isConcurrent: true,
    settings: [settings("shop_a"), settings("shop_b")],
    close: () => server.stop(),
  };
}

export interface ServerOwner {
  readonly uid: number;
  readonly gid: number;
}

/** postgres refuses to run as root. */
async function serverOwner(): Promise<ServerOwner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const uid = await run("id", ["-u", "postgres"]);
  const gid = await run("id", ["-g", "postgres"]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** Where a program of PostgreSQL stands. */
export function postgresqlProgram(name: string): string {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(root, version, "bin")), ...(process.env["PATH"] ?? "").split(":")];
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`missing program: ${name} (Debian package postgresql)`);
  return found;
}

async function waitUntilReady(port: number): Promise<void> {
  const limitMs = Date.now() + 60_000;
  for (;;) {
    try {
      await onServer(port, "SELECT 1");
      return;
    } catch (error) {
      if (Date.now() > limitMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The children of a killed server end by themselves; until then a new one refuses to start. */
async function waitUntilFree(pidFile: string): Promise<void> {
  const text = await readFile(pidFile, "utf8").catch(() => "");
  const segment = text.split("\n")[6]?.trim().split(/\s+/)[1];
  if (segment === undefined) return;
  const limitMs = Date.now() + 60_000;
  const isUsed = async (): Promise<boolean> => {
    const lines = (await readFile("/proc/sysvipc/shm", "utf8").catch(() => "")).split("\n");
    return lines.some((line) => {
      const cells = line.trim().split(/\s+/);
      return cells[1] === segment && Number(cells[6]) > 0;
    });
  };
  while ((await isUsed()) && Date.now() < limitMs) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function onServer(port: number, statement: string): Promise<void> {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" });
  client.on("error", () => undefined);
  await client.connect();
  await client.query(statement);
  await client.end();
}
