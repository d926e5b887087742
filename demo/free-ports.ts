import { createServer, type Server } from "node:net";

/** Below the ports that systems give to outgoing connections, so that no connection takes a port between two uses. */
const firstPort = 15_000;
const blocks = 500;
export const blockPorts = 32;

export interface PortBlock {
  /** The ports of the block, all free when it was taken. */
  readonly ports: readonly number[];
  release(): Promise<void>;
}

/**
 * Takes a block of ports that are free on all of `hosts`. The first port of a block is its lock, held by this process:
 * two demonstrations at the same time never share a block, not even while a server of one of them is down.
 */
export async function takePortBlock(hosts: readonly string[]): Promise<PortBlock> {
  const offset = Math.floor(Math.random() * blocks);
  for (let number = 0; number < blocks; number += 1) {
    const first = firstPort + ((offset + number) % blocks) * blockPorts;
    const lock = await listen("127.0.0.1", first);
    if (lock === undefined) continue;
    const ports = Array.from({ length: blockPorts - 1 }, (_, index) => first + 1 + index);
    if (await areFree(hosts, ports)) return { ports, release: () => close(lock) };
    await close(lock);
  }
  throw new Error("no free ports on this machine");
}

async function areFree(hosts: readonly string[], ports: readonly number[]): Promise<boolean> {
  const servers = await Promise.all(hosts.flatMap((host) => ports.map((port) => listen(host, port))));
  const open = servers.filter((server) => server !== undefined);
  await Promise.all(open.map(close));
  return open.length === servers.length;
}

/**
 * Two loopback addresses, so that the two servers differ by address as real ones do. Linux has all of 127.0.0.0/8; other
 * systems have at least one of IPv4 and one of IPv6.
 */
export async function twoLoopbackAddresses(): Promise<readonly [string, string]> {
  const usable: string[] = [];
  for (const host of ["127.0.0.2", "127.0.0.3", "127.0.0.1", "::1"]) {
    const server = await listen(host, 0);
    if (server === undefined) continue;
    await close(server);
    usable.push(host);
  }
  const [first, second] = usable;
  if (first === undefined || second === undefined)
    throw new Error("two loopback addresses are needed, e.g. 127.0.0.1 and ::1");
  return [first, second];
}

function listen(host: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen({ host, port, exclusive: true }, () => {
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
