import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { testSettings, type DatabaseFixture } from "./database-fixture.js";

export interface PgliteServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts PGlite in a process of its own; without a folder its files are in memory, which is quicker. */
export async function startPgliteServer(folder = "memory://"): Promise<PgliteServer> {
  const script = fileURLToPath(new URL("../../demo/pglite-server.js", import.meta.url));
  // Jest's option for ES modules is of no use to the child and would only make it warn.
  const env = { ...process.env, NODE_OPTIONS: "" };
  const child = spawn(process.execPath, [script, "--folder", folder], {
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
