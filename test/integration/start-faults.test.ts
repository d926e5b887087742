import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { type ServerName, serverNames } from "../../shared/core/server-name.js";
import { Pipe } from "../support/pipe.js";
import { type PostgresqlServer, startPostgresqlServer } from "../support/postgresql-server.js";
import { ProcessPair } from "../support/process-pair.js";

const testLimitMs = 180_000;

let postgresql: PostgresqlServer;
let pair: ProcessPair;
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  postgresql = await startPostgresqlServer();
}, 120_000);
afterEach(async () => {
  await pair.end();
  for (const close of closers.splice(0)) await close();
}, 120_000);
afterAll(async () => {
  await postgresql.stop();
});

const setPair = async (): Promise<void> => {
  // Nothing here is about a failover: none may come in between while a busy machine starts the programs.
  const settings = { failover: { allowedUnavailabilitySeconds: 300 } };
  pair = await ProcessPair.set({ postgresql, nameServer: "embedded", settings });
};

/** What the actor has logged under this name, one text per line. */
function logged(server: ServerName, event: string): readonly string[] {
  const lines = pair.logLines(server).filter((line) => line["event"] === event);
  return lines.map(({ because, message, hint, listener }) =>
    [listener, because, message, hint].filter(Boolean).join(" "),
  );
}

async function takePort(host: string, port: number): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  closers.push(close);
  return close;
}

test(
  "ports that are taken at the start: the actor names setting and address once, lives, and listens when they are free",
  async () => {
    await setPair();
    const { host, adminPort, linkPort } = pair.stage.layout.servers.primary;
    const free = [await takePort(host, adminPort), await takePort(host, linkPort)];
    const starting = pair.stage.startActor("primary");
    await pair.untilTrue("it watches", () => logged("primary", "ownership-record-problem").length > 0);
    expect([...logged("primary", "listener-not-started")].sort()).toEqual([
      expect.stringMatching(
        new RegExp(`^admin admin.listen: cannot listen on .*:${adminPort}: .*EADDRINUSE.*ss -ltnp`),
      ),
      expect.stringMatching(new RegExp(`^link link.listen: cannot listen on .*:${linkPort}: .*EADDRINUSE.*ss -ltnp`)),
    ]);
    for (const close of free) await close();
    await starting;
    expect(logged("primary", "listener-not-started")).toHaveLength(2);
  },
  testLimitMs,
);

test(
  "a database that is away at the start is named in the status, and synchronised when it is there",
  async () => {
    await setPair();
    const pipe = new Pipe(postgresql.port);
    await pipe.open();
    await pipe.close();
    closers.push(() => pipe.close());
    pair.editSettings("primary", (settings) => {
      for (const database of settings.databases ?? []) database.address.port = pipe.port;
    });
    await Promise.all(serverNames.map((server) => pair.stage.startActor(server)));
    await pair.stage.createFirstRecord("primary");
    await pair.untilTrue("the status names it", async () => {
      const status = await pair.stage.status("primary");
      return status?.because.includes(`shop: `) === true && status.because.includes(`127.0.0.1:${pipe.port}`);
    });
    // The application has its own connection: synchronisation that cannot work is no reason not to serve.
    await pair.untilTrue("the primary serves", () => pair.stage.isServing("primary"));
    await pipe.open();
    await pair.untilTrue("the secondary holds a whole copy", async () => {
      const status = await pair.stage.status("secondary");
      return status?.sync.every(({ isComplete, health }) => isComplete && health === "ok") === true;
    });
  },
  testLimitMs,
);

test(
  "a command of the managed system that is not there is named, the server does not serve, and the actor lives",
  async () => {
    await setPair();
    pair.editSettings("primary", ({ managedSystem }) => {
      for (const control of managedSystem.controls) {
        if (control.kind === "command") control.start = ["/nowhere/webctl", "start"];
      }
    });
    const check = pair.stage.sparesync(["check", "--settings", pair.stage.pair.settingsFiles.primary]);
    await expect(check).rejects.toThrow(/managedSystem\.controls\[1\]\.start: .*there is no program \/nowhere\/webctl/);
    await pair.stage.startActor("primary");
    await pair.stage.createFirstRecord("primary");
    await pair.untilTrue("the log names it", () =>
      logged("primary", "loop-failed").some((text) => text.includes("the start command of shop cannot be run")),
    );
    expect(logged("primary", "loop-failed").join()).toContain("/nowhere/webctl");
    expect(await pair.stage.isServing("primary")).toBe(false);
    expect((await pair.stage.status("primary"))?.active).toBe("primary");
  },
  testLimitMs,
);

test(
  "a name server that does not answer at the start: nothing is started on old knowledge; when it answers, the owner serves",
  async () => {
    await setPair();
    for (const server of serverNames) {
      pair.editSettings(server, ({ managedSystem }) => {
        managedSystem.controls = managedSystem.controls.filter(({ kind }) => kind === "command");
      });
    }
    const { stage } = pair;
    const actors = await Promise.all(serverNames.map((server) => stage.startActor(server)));
    await pair.begin();
    await pair.client.stop();
    await Promise.all(actors.map((actor) => actor.end()));
    const { application, applicationConfigFile } = stage.layout.servers.primary;
    await stage.processes.killForeign({ pidFile: application.pidFile, marker: applicationConfigFile });
    const nameServer = pair.nameServer?.pid ?? 0;
    process.kill(nameServer, "SIGSTOP");
    await Promise.all(serverNames.map((server) => stage.startActor(server)));
    await pair.untilTrue("both say that it does not answer", async () => {
      const seen = await Promise.all(serverNames.map((server) => stage.status(server)));
      return seen.every((status) => status?.nameServer.isReachable === false && status.peer.isConnected);
    });
    await pair.untilTrue("the status of the owner says so", async () => {
      const status = await stage.status("primary");
      return status?.state === "working_with_errors" && /the ownership record|the update server/.test(status.because);
    });
    expect(await Promise.all(serverNames.map((server) => stage.isServing(server)))).toEqual([false, false]);
    process.kill(nameServer, "SIGCONT");
    await pair.untilTrue("the owner serves again", () => stage.isServing("primary"));
    expect(await stage.isServing("secondary")).toBe(false);
  },
  testLimitMs,
);
