import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, neededPrograms } from "../run-tests/needed-programs.js";
import { createSelfSignedCertificate } from "../../shared/self-signed-certificate.js";
import { freePort } from "./free-port.js";
import { until } from "./until.js";

/** A real etcd of one member on free loopback ports, in a temporary directory of its own. */
export interface EtcdServer {
  readonly endpoint: string;
  /** The same server over TLS, with this certificate (PEM). */
  readonly secureEndpoint: string;
  readonly certificate: string;
  /** Stands still like a machine that hangs. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Starts etcd and waits until it answers. A port taken by somebody else in between is not a failure: tries again. */
export async function startEtcd(): Promise<EtcdServer> {
  const attempts = 3;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce();
    } catch (error) {
      if (attempt === attempts || !String(error).includes("address already in use")) throw error;
    }
  }
}

async function startOnce(): Promise<EtcdServer> {
  const needed = neededPrograms.find(({ name }) => name === "etcd");
  const program = needed && findProgram(needed);
  if (program === undefined) throw new Error("the program etcd is missing (Debian: etcd-server)");
  const directory = await mkdtemp(join(tmpdir(), "sparesync-etcd-"));
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const secureEndpoint = `https://127.0.0.1:${await freePort()}`;
  const { certificate, privateKey } = await createSelfSignedCertificate("etcd", ["127.0.0.1"]);
  await writeFile(join(directory, "certificate.pem"), certificate);
  await writeFile(join(directory, "key.pem"), privateKey, { mode: 0o600 });
  const clientUrls = `${endpoint},${secureEndpoint}`;
  const peerAddress = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      ...["--name", "witness", "--data-dir", join(directory, "data")],
      ...["--listen-client-urls", clientUrls, "--advertise-client-urls", clientUrls],
      ...["--cert-file", join(directory, "certificate.pem"), "--key-file", join(directory, "key.pem")],
      ...["--listen-peer-urls", peerAddress, "--initial-advertise-peer-urls", peerAddress],
      ...["--initial-cluster", `witness=${peerAddress}`],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString("utf8")).slice(-20000);
  });
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      return isHealthy(endpoint);
    }, 120_000);
  } catch (error) {
    await stop();
    throw new Error(`etcd did not start: ${String(error)}\n${output}`);
  }
  return {
    endpoint,
    secureEndpoint,
    certificate,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    stop,
  };
}

async function isHealthy(endpoint: string): Promise<boolean> {
  const response = await fetch(`${endpoint}/health`).catch(() => undefined);
  return (await response?.text())?.includes("true") === true;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
