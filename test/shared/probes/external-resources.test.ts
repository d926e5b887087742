import { describe, expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { probeExternalResources } from "../../../shared/probes/external-resources.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { freePort } from "../../support/free-port.js";

const clock = createSystemClock();

async function openPort() {
  const server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as { port: number }).port };
}

const resource = (name: string, port: number) => ({ name, address: { host: "127.0.0.1", port } });

describe("probeExternalResources", () => {
  test.each([
    { when: "more answer than required", required: 1, open: 2, available: true },
    { when: "as many answer as required", required: 2, open: 2, available: true },
    { when: "one too few answers", required: 2, open: 1, available: false },
    { when: "none is required and none answers", required: 0, open: 0, available: true },
  ])("$when: available $available", async ({ required, open, available }) => {
    const { server, port } = await openPort();
    try {
      const closed = await freePort();
      const resources = [0, 1, 2].map((index) => resource(`r${index}`, index < open ? port : closed));
      const result = await probeExternalResources({ settings: { required, resources }, clock });
      expect(result).toMatchObject({
        available,
        because: `${open} of 3 external resources are reachable, ${required} are required`,
      });
      expect(result.resources.map(({ isReachable }) => isReachable)).toEqual([0, 1, 2].map((index) => index < open));
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("no answer within the limit is not reachable", async () => {
    const { server, port } = await openPort();
    // The limit is over before even a local connection can be made.
    const hasty = { ...clock, sleep: () => Promise.resolve() };
    const settings = { required: 1, resources: [resource("slow", port)] };
    expect(await probeExternalResources({ settings, clock: hasty })).toMatchObject({
      available: false,
      resources: [{ isReachable: false, because: "connecting to slow did not end within 5 s" }],
    });
    await new Promise((resolve) => server.close(resolve));
  });

  test("a cancelled probe rejects", async () => {
    const signal = AbortSignal.abort();
    const settings = { required: 1, resources: [resource("r", 9)] };
    await expect(probeExternalResources({ settings, clock, signal })).rejects.toMatchObject({ code: "ABORTED" });
  });
});
