import { parseArgs } from "node:util";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

/** Messages of the extended query protocol that end with a later Sync: Parse, Bind, Describe, Execute, Close, Flush. */
const unfinishedMessages = new Set(["P", "B", "D", "E", "C", "H"].map((letter) => letter.charCodeAt(0)));

/**
 * PGlite as one process's database. The socket server multiplexes its clients message by message and keeps only an open
 * transaction together; between another client's Parse and Bind it would let a second client overwrite the one unnamed
 * statement of the shared session. So an unfinished extended query counts as a transaction too.
 */
class SharedSession extends PGlite {
  #isUnfinished = false;

  override isInTransaction(): boolean {
    return this.#isUnfinished || super.isInTransaction();
  }

  override async execProtocolRawStream(
    ...[message, options]: Parameters<PGlite["execProtocolRawStream"]>
  ): ReturnType<PGlite["execProtocolRawStream"]> {
    this.#isUnfinished = unfinishedMessages.has(message[0] ?? 0);
    await super.execProtocolRawStream(message, options);
  }
}

const usage = "node dist/demo/pglite-server.js --folder PATH [--port N]";

/** Serves the PGlite database of a folder on a loopback port; prints one JSON line with the port when ready. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { folder: { type: "string" }, port: { type: "string", default: "0" } } });
  if (values.folder === undefined) throw new Error(`--folder is missing: ${usage}`);
  const db = new SharedSession(values.folder);
  await db.waitReady;
  const server = new PGLiteSocketServer({ db, host: "127.0.0.1", port: Number(values.port), maxConnections: 64 });
  await server.start();
  const stop = (): void => {
    process.off("SIGTERM", stop);
    process.off("SIGINT", stop);
    void server
      .stop()
      .then(() => db.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // The parent has died without a word: nobody is left to end this process.
  process.stdin.on("end", stop).resume();
  const port = Number(server.getServerConn().split(":").at(-1));
  process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
}

await main();
