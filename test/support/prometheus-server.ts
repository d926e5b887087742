import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askHttp } from "../../shared/ask-http.js";
import { freePort } from "./free-port.js";
import { spawnProgram } from "./run-program.js";

/** A real server as a child process on a free loopback port, with storage of its own in a temporary folder. */
export interface MonitoringServer {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly pid: number;
  get(path: string): Promise<unknown>;
  /** Has it read its files again; rejects when it does not take them. */
  reload(): Promise<void>;
  /** Ends it in order and removes its folder. */
  stop(): Promise<void>;
  /** SIGKILL; its storage stays. */
  kill(): Promise<void>;
  /** Starts one that was killed again, with its storage and at its address. */
  startAgain(): Promise<MonitoringServer>;
  readonly directory: string;
}

export interface MonitoringServerOptions {
  readonly config: string;
  /** More files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** A web configuration (TLS, basic auth), and how the test itself gets in. */
  readonly access?: { readonly webConfig: string; readonly ca: string; readonly authorization: string };
}

const readyWithinMs = 60_000;

/** `resendSeconds`: how often it tells of an alert again; one not told of for four times that is over to Alertmanager. */
export async function startPrometheus(
  options: MonitoringServerOptions & { readonly resendSeconds?: number },
): Promise<MonitoringServer> {
  const { resendSeconds = 60 } = options;
  return await start("prometheus", options, (address, directory) => [
    `--config.file=${directory}/config.yml`,
    `--storage.tsdb.path=${directory}/data`,
    `--web.listen-address=${address}`,
    "--web.enable-lifecycle",
    `--rules.alert.resend-delay=${resendSeconds}s`,
  ]);
}

export async function startAlertmanager(options: MonitoringServerOptions): Promise<MonitoringServer> {
  // No cluster: it would listen on all addresses and look for a private one.
  return await startAlertmanagerWith(["--cluster.listen-address="], options);
}

/**
 * Two Alertmanagers that tell each other what they have told. Neither tells anything before the cluster has been the same
 * for three times ten of `gossipMs`.
 */
export async function startAlertmanagerPair(
  options: MonitoringServerOptions & { readonly gossipMs?: number },
): Promise<readonly [MonitoringServer, MonitoringServer]> {
  const ports = [await freePort(), await freePort()];
  const { gossipMs = 200 } = options;
  const startOne = (index: 0 | 1): Promise<MonitoringServer> =>
    startAlertmanagerWith(
      [
        `--cluster.listen-address=127.0.0.1:${ports[index]!}`,
        `--cluster.advertise-address=127.0.0.1:${ports[index]!}`,
        `--cluster.peer=127.0.0.1:${ports[1 - index]!}`,
        // The second waits so long before it tells what the first has not; less than the groups' interval, as everywhere.
        "--cluster.peer-timeout=2s",
        `--cluster.gossip-interval=${gossipMs}ms`,
      ],
      options,
    );
  return [await startOne(0), await startOne(1)];
}

function startAlertmanagerWith(cluster: readonly string[], options: MonitoringServerOptions) {
  return start("prometheus-alertmanager", options, (address, directory) => [
    `--config.file=${directory}/config.yml`,
    `--storage.path=${directory}/data`,
    `--web.listen-address=${address}`,
    ...(options.access ? [`--web.config.file=${directory}/web-config.yml`] : []),
    ...cluster,
  ]);
}

async function start(
  program: string,
  options: MonitoringServerOptions,
  argsFor: (address: string, directory: string) => readonly string[],
  place?: { readonly directory: string; readonly port: number },
): Promise<MonitoringServer> {
  const directory = place?.directory ?? (await mkdtemp(path.join(tmpdir(), `${program}-`)));
  await mkdir(path.join(directory, "data"), { recursive: true });
  const { access } = options;
  const files = {
    ...options.files,
    ...(access && { "web-config.yml": access.webConfig }),
    "config.yml": options.config,
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(directory, name), content, { mode: 0o600 });
  }
  const port = place?.port ?? (await freePort());
  const address = `127.0.0.1:${port}`;
  const child = spawnProgram(program, argsFor(address, directory), directory);
  let failure: string | undefined;
  let log = "";
  const keep = (chunk: Buffer) => (log = (log + chunk.toString("utf8")).slice(-4000));
  child.stdout!.on("data", keep);
  child.stderr!.on("data", keep);
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      failure = error.code === "ENOENT" ? `missing program: ${program}` : error.message;
      resolve();
    });
    child.once("exit", (code, signal) => {
      failure ??= `${program} ended (${String(code ?? signal)})`;
      resolve();
    });
  });
  const end = async (signal: NodeJS.Signals) => {
    if (failure === undefined) child.kill(signal);
    await ended;
  };
  const stop = async () => {
    await end("SIGTERM");
    await rm(directory, { recursive: true, force: true });
  };
  const untilMs = Date.now() + readyWithinMs;
  while (!(await isReady(address, access))) {
    await sleep(50);
    if (failure === undefined && Date.now() < untilMs) continue;
    await stop();
    throw new Error(`${failure ?? `${program} is not ready`}\n${log}`);
  }
  const get = async (place: string): Promise<unknown> => await (await fetch(`http://${address}${place}`)).json();
  const reload = async (): Promise<void> => {
    const answer = await fetch(`http://${address}/-/reload`, { method: "POST" });
    if (!answer.ok) throw new Error(`${program} does not take its files: ${await answer.text()}`);
  };
  const startAgain = () => start(program, options, argsFor, { directory, port });
  return { address, directory, pid: child.pid!, get, reload, stop, kill: () => end("SIGKILL"), startAgain };
}

async function isReady(address: string, access: MonitoringServerOptions["access"]): Promise<boolean> {
  const signal = AbortSignal.timeout(5000);
  const url = new URL(`${access ? "https" : "http"}://${address}/-/ready`);
  const headers = access ? { authorization: access.authorization } : {};
  const asked = askHttp({ url, headers, ca: access?.ca, mostAnswerBytes: 10_000, signal });
  return await asked.then(
    ({ status }) => status === 200,
    () => false,
  );
}
