import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { testSettings, type DatabaseFixture } from "./database-fixture.js";

export interface PgliteServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts PGlite in a process of its own with a new folder. */
export async function startPgliteServer(): Promise<PgliteServer> {
  const folder = await mkdtemp(join(tmpdir(), "sparesync-pglite-"));
  const script = fileURLToPath(new URL("../../demo/pglite-server.js", import.meta.url));
  // Jest's option for ES modules is of no use to the child and would only make it warn.
  const env = { ...process.env, NODE_OPTIONS: "" };
  const child = spawn(process.execPath, [script, "--folder", join(folder, "data")], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const first = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (first.done === true) throw new Error("the PGlite server ended before it was ready");
  const { port } = JSON.parse(first.value) as { port: number };
  return {
    port,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Two PGlite processes for the two databases of a pair. */
export async function startPgliteFixture(): Promise<DatabaseFixture> {
  const [a, b] = await Promise.all([startPgliteServer(), startPgliteServer()]);
  return {
    name: "PGlite",
    isConcurrent: false,
    settings: [testSettings("pglite", a.port, "postgres"), testSettings("pglite", b.port, "postgres")],
    close: async () => {
      await Promise.all([a.stop(), b.stop()]);
    },
  };
}
