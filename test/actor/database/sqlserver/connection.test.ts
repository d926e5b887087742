import { expect, test } from "@jest/globals";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { openEngine } from "../../../../actor/database/open-engine.js";
import type { DatabaseEngine } from "../../../../actor/database/engine.js";
import { errorMessage } from "../../../../shared/core/app-error.js";
import { testSettings } from "../../../support/database-fixture.js";
import { freePort } from "../../../support/free-port.js";
import { startTdsListener } from "../../../support/tds-listener.js";
import { until } from "../../../support/until.js";

const secret = "never-in-any-message";

function engineAt(port: number): DatabaseEngine {
  const settings = testSettings("sqlserver", port, "shop", { passwordFile: "/secret", user: "actor" });
  return openEngine({ settings, readSecret: () => Promise.resolve(secret), newId: () => "id" });
}

test("says that nobody answers at the address, without the password", async () => {
  const engine = engineAt(await freePort());
  const failure: unknown = await engine.probe(new AbortController().signal).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "DATABASE_UNREACHABLE" });
  expect(errorMessage(failure)).not.toContain(secret);
  await engine.close();
});

test("a server that never answers holds nobody who has given up", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const engine = engineAt(typeof address === "object" && address ? address.port : 0);
  const stop = new AbortController();
  const asked = engine.readState(stop.signal);
  await once(server, "connection");
  stop.abort();
  await expect(asked).rejects.toMatchObject({ code: "ABORTED" });
  await expect(engine.readState(stop.signal)).rejects.toMatchObject({ code: "ABORTED" });
  await engine.close();
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
});

test("work that is ended at any moment of its connecting leaves no session on the server", async () => {
  const server = await startTdsListener(2);
  try {
    let moments = 0;
    // From before the first connection until the server is asked for something: the last moment at which it connects.
    for (; server.asked() === 0; moments += 1) {
      const engine = engineAt(server.port);
      const stop = new AbortController();
      const asked = engine.readState(stop.signal);
      for (let turn = 0; turn < moments; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      await expect(asked).rejects.toMatchObject({ code: "ABORTED" });
      await engine.close();
    }
    expect(moments).toBeGreaterThan(5);
    await until(() => server.open() === 0);
  } finally {
    await server.close();
  }
});

test("nothing is read past the triggers before the tables are known", async () => {
  const engine = engineAt(1);
  await expect(
    engine.touchAll({ schema: "dbo", name: "t", columns: [], keyColumns: [] }, new AbortController().signal),
  ).rejects.toMatchObject({
    code: "DATABASE_UNREACHABLE",
  });
  await engine.close();
});
