import { describe, expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { takePortBlock, twoLoopbackAddresses } from "../../demo/free-ports.js";

describe("ports of a demonstration", () => {
  test("are never those of another one at the same time, and can be listened on", async () => {
    const hosts = await twoLoopbackAddresses();
    expect(hosts[0]).not.toBe(hosts[1]);
    const blocks = await Promise.all([takePortBlock(hosts), takePortBlock(hosts), takePortBlock(hosts)]);
    const ports = blocks.flatMap((block) => block.ports);
    expect(new Set(ports).size).toBe(ports.length);
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(ports[0], hosts[1], resolve);
    });
    await new Promise((resolve) => server.close(resolve));
    await Promise.all(blocks.map((block) => block.release()));
  });
});
