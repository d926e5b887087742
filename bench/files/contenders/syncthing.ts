import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../../test/support/free-port.js";
import { type CountingRelay, openCountingRelay } from "../../counting-relay.js";
import { UsageMeter } from "../../process-usage.js";
import { findProgram, missingProgram, startProgram, type StartedProgram, untilTrue } from "../../programs.js";
import type { Contender, SessionOptions } from "../contender.js";

const folderId = "data";
const apiKey = "bench";
const inSyncLimitMs = 30 * 60_000;

interface Node {
  readonly home: string;
  readonly deviceId: string;
  readonly apiPort: number;
  readonly listenPort: number;
  program?: StartedProgram;
}

/** Syncthing: two instances that know only each other, one sends, one receives. Encrypted and durable by itself. */
export const syncthing: Contender = {
  name: "syncthing",
  missing: () => missingProgram("syncthing"),
  open: async (options) => {
    const [source, target] = [await makeNode(options, "source"), await makeNode(options, "target")];
    const relay = options.isCounting === true ? await openCountingRelay(target.listenPort) : undefined;
    writeConfigs(options, source, target, relay);
    const close = async (): Promise<void> => {
      await Promise.all([source.program?.end(), target.program?.end()]);
      await relay?.close();
    };
    try {
      for (const node of [target, source]) await startNode(node);
      await untilTrue("the two are connected", () => isConnected(source, target), { limitMs: 60_000 });
    } catch (error) {
      await close();
      throw error;
    }
    const meter = new UsageMeter([source.program?.pid ?? 0, target.program?.pid ?? 0]);
    return {
      synchronise: async () => {
        await ask(source, "POST", `/rest/db/scan?folder=${folderId}`);
        const isDone = (): Promise<boolean> => isInSync(source, target);
        await untilTrue("the target has everything", isDone, { limitMs: inSyncLimitMs });
      },
      usage: () => Promise.resolve(meter.now()),
      resetPeak: () => {
        meter.reset();
      },
      wireBytes: () => relay?.bytes() ?? Number.NaN,
      close: async () => {
        meter.stop();
        await close();
      },
    };
  },
};

async function makeNode({ scratch }: SessionOptions, name: string): Promise<Node> {
  const home = join(scratch, `syncthing-${name}`);
  mkdirSync(home, { recursive: true });
  const program = findProgram("syncthing") ?? "syncthing";
  const run = promisify(execFile);
  await run(program, ["generate", `--home=${home}`, "--no-default-folder"], { env: environment(home) });
  const { stdout } = await run(program, ["--device-id", `--home=${home}`], { env: environment(home) });
  return { home, deviceId: stdout.trim(), apiPort: await freePort(), listenPort: await freePort() };
}

async function startNode(node: Node): Promise<void> {
  const args = ["serve", `--home=${node.home}`, "--no-browser", "--no-restart", "--no-upgrade", "--no-default-folder"];
  node.program = startProgram("syncthing", args, join(node.home, "syncthing.log"), environment(node.home));
  const answers = (): Promise<boolean> =>
    ask(node, "GET", "/rest/system/ping").then(
      () => true,
      () => false,
    );
  await untilTrue("syncthing answers", answers, { limitMs: 60_000, program: node.program });
}

function writeConfigs(options: SessionOptions, source: Node, target: Node, relay: CountingRelay | undefined): void {
  const targetAddress = `tcp://127.0.0.1:${relay?.port ?? target.listenPort}`;
  const devices = [
    // Only the source connects, so that all bytes go through the relay when there is one.
    { node: source, address: "tcp://127.0.0.1:1" },
    { node: target, address: targetAddress },
  ];
  const deviceLines = devices.map(
    ({ node, address }) =>
      `<device id="${node.deviceId}" name="x" compression="metadata"><address>${address}</address></device>`,
  );
  for (const [node, path, type] of [
    [source, options.source, "sendonly"],
    [target, options.target, "receiveonly"],
  ] as const) {
    const members = devices.map(({ node: { deviceId } }) => `<device id="${deviceId}"></device>`).join("");
    const watch = `fsWatcherEnabled="false" rescanIntervalS="0" autoNormalize="true"`;
    mkdirSync(join(path, ".stfolder"), { recursive: true });
    const config = [
      `<configuration version="35">`,
      `<folder id="${folderId}" label="" path="${path}" type="${type}" ${watch}>${members}</folder>`,
      ...deviceLines,
      `<gui enabled="true" tls="false"><address>127.0.0.1:${node.apiPort}</address><apikey>${apiKey}</apikey></gui>`,
      `<options><listenAddress>tcp://127.0.0.1:${node.listenPort}</listenAddress>`,
      "<globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled>",
      "<relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><startBrowser>false</startBrowser>",
      "<urAccepted>-1</urAccepted><crashReportingEnabled>false</crashReportingEnabled>",
      "<autoUpgradeIntervalH>0</autoUpgradeIntervalH><reconnectionIntervalS>1</reconnectionIntervalS>",
      "</options></configuration>",
    ];
    writeFileSync(join(node.home, "config.xml"), config.join("\n"));
  }
}

async function isConnected(source: Node, target: Node): Promise<boolean> {
  const connections = (await ask(source, "GET", "/rest/system/connections")) as {
    readonly connections: Record<string, { readonly connected: boolean }>;
  };
  return connections.connections[target.deviceId]?.connected === true;
}

interface FolderStatus {
  readonly state: string;
  readonly needTotalItems: number;
  readonly globalTotalItems: number;
}

async function isInSync(source: Node, target: Node): Promise<boolean> {
  const path = `/rest/db/status?folder=${folderId}`;
  const [here, there] = (await Promise.all([ask(source, "GET", path), ask(target, "GET", path)])) as [
    FolderStatus,
    FolderStatus,
  ];
  const isIdle = here.state === "idle" && there.state === "idle";
  return isIdle && there.needTotalItems === 0 && here.globalTotalItems === there.globalTotalItems;
}

async function ask(node: Node, method: string, path: string): Promise<unknown> {
  const url = `http://127.0.0.1:${node.apiPort}${path}`;
  const answer = await fetch(url, { method, headers: { "X-API-Key": apiKey } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`syncthing answered ${answer.status} to ${path}: ${text}`);
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}

function environment(home: string): Record<string, string> {
  return { ...(process.env as Record<string, string>), HOME: home, STNOUPGRADE: "1" };
}
