import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

/** Permissions of the first divergence report. */
export async function divergenceMode(folder: string): Promise<number> {
  const [file] = await readdir(join(folder, "divergence"));
  return (await stat(join(folder, "divergence", file ?? ""))).mode & 0o777;
}

/** A port of this machine on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until something asynchronous has become true on a real server. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limitMs = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > limitMs) throw new Error("it did not become true within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
