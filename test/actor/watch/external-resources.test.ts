import { expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { createExternalResources } from "../../../actor/watch/external-resources.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { rememberLog } from "../../support/log-memory.js";

test("the answer is logged when it changes, not each time", async () => {
  const server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const log = rememberLog();
  const settings = { required: 1, resources: [{ name: "r", address: { host: "127.0.0.1", port } }] };
  const resources = createExternalResources({ settings, clock: createSystemClock(), log });
  const { signal } = new AbortController();
  await resources.probe(signal);
  await resources.probe(signal);
  await new Promise((resolve) => server.close(resolve));
  expect(await resources.probe(signal)).toMatchObject({ available: false });
  await resources.probe(signal);
  expect(log.events).toEqual(["external-resources-available", "external-resources-unavailable"]);
});
