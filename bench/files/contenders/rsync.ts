import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../../test/support/certificates.js";
import { freePort } from "../../../test/support/free-port.js";
import { type CountingRelay, openCountingRelay } from "../../counting-relay.js";
import { childrenOf, UsageMeter } from "../../process-usage.js";
import { missingProgram, startProgram, type StartedProgram, untilListening, untilTrue } from "../../programs.js";
import type { Contender, SessionOptions } from "../contender.js";

export interface RsyncWishes {
  readonly name: string;
  /** Beside `-a --delete`. */
  readonly flags?: readonly string[];
  /** Through two stunnels with pinned certificates: what an rsync over the internet needs. */
  readonly isEncrypted: boolean;
}

/** rsync's daemon as target, its client as source. */
export function rsync({ name, flags = [], isEncrypted }: RsyncWishes): Contender {
  return {
    name,
    missing: () => missingProgram("rsync") ?? (isEncrypted ? missingProgram("stunnel4") : undefined),
    open: async (options) => {
      const way = await openRsyncWay(options, isEncrypted);
      const meter = new UsageMeter(way.programs.map(({ pid }) => pid));
      let clientSeconds = 0;
      let clientPeakBytes = 0;
      return {
        synchronise: async () => {
          const args = ["-a", "--delete", ...flags, `${options.source}/`, way.url];
          const client = await runMetered("rsync", args);
          clientSeconds += client.cpuSeconds;
          clientPeakBytes = Math.max(clientPeakBytes, client.peakBytes);
        },
        usage: async () => {
          // The daemon's child counts only when the daemon has seen its end, a moment after the client's.
          await untilTrue("the daemon rests", () => childrenOf(way.daemon.pid).length === 0, { limitMs: 10_000 });
          const { cpuSeconds, peakBytes } = meter.now();
          return { cpuSeconds: cpuSeconds + clientSeconds, peakBytes: peakBytes + clientPeakBytes };
        },
        resetPeak: () => {
          clientPeakBytes = 0;
          meter.reset();
        },
        wireBytes: () => way.relay?.bytes() ?? Number.NaN,
        close: async () => {
          meter.stop();
          await way.close();
        },
      };
    },
  };
}

export interface RsyncWay {
  /** Where a client sends the target's content to. */
  readonly url: string;
  readonly daemon: StartedProgram;
  readonly programs: readonly StartedProgram[];
  readonly relay: CountingRelay | undefined;
  close(): Promise<void>;
}

/** A daemon for the target and, if wished, two stunnels and a counting relay in front of it. */
export async function openRsyncWay(options: SessionOptions, isEncrypted: boolean): Promise<RsyncWay> {
  const { scratch, isCounting = false } = options;
  mkdirSync(scratch, { recursive: true });
  const programs: StartedProgram[] = [];
  let relay: CountingRelay | undefined;
  const close = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.end()));
    await relay?.close();
  };
  try {
    const daemonPort = await freePort();
    const daemon = startDaemon(options, daemonPort);
    programs.push(daemon);
    await untilListening(daemonPort, daemon);
    let entrance = daemonPort;
    if (isEncrypted) {
      const [inner, outer] = [await freePort(), await freePort()];
      await writeCertificates(scratch);
      programs.push(await startStunnel("server", { scratch, accept: inner, connect: entrance }));
      if (isCounting) relay = await openCountingRelay(inner);
      programs.push(await startStunnel("client", { scratch, accept: outer, connect: relay?.port ?? inner }));
      entrance = outer;
    } else if (isCounting) {
      relay = await openCountingRelay(entrance);
      entrance = relay.port;
    }
    return { url: `rsync://127.0.0.1:${entrance}/data/`, daemon, programs, relay, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startDaemon({ target, scratch }: SessionOptions, port: number): StartedProgram {
  const config = join(scratch, "rsyncd.conf");
  // Started by root the daemon becomes nobody unless told otherwise.
  const user = userInfo().uid === 0 ? ["uid = root", "gid = root"] : [];
  const module = [`path = ${target}`, "read only = no", "use chroot = no", "numeric ids = yes", ...user];
  writeFileSync(config, ["reverse lookup = no", "[data]", ...module, ""].join("\n"));
  const args = ["--daemon", "--no-detach", `--config=${config}`, "--address=127.0.0.1", `--port=${port}`];
  return startProgram("rsync", args, join(scratch, "rsyncd.log"));
}

async function writeCertificates(scratch: string): Promise<void> {
  for (const side of ["client", "server"]) {
    const { certificate, privateKey } = await makeCertificate(side);
    writeFileSync(join(scratch, `${side}.pem`), `${privateKey}\n${certificate}\n`, { mode: 0o600 });
    writeFileSync(join(scratch, `${side}-certificate.pem`), certificate);
  }
}

interface StunnelOptions {
  readonly scratch: string;
  readonly accept: number;
  readonly connect: number;
}

async function startStunnel(side: "client" | "server", options: StunnelOptions): Promise<StartedProgram> {
  const { scratch, accept, connect } = options;
  const peer = side === "client" ? "server" : "client";
  const config = join(scratch, `stunnel-${side}.conf`);
  const lines = [
    "foreground = yes",
    "pid =",
    "debug = warning",
    "socket = l:TCP_NODELAY=1",
    "socket = r:TCP_NODELAY=1",
    "sslVersion = TLSv1.3",
    "[rsync]",
    `client = ${side === "client" ? "yes" : "no"}`,
    `accept = 127.0.0.1:${accept}`,
    `connect = 127.0.0.1:${connect}`,
    `cert = ${join(scratch, `${side}.pem`)}`,
    "verifyPeer = yes",
    `CAfile = ${join(scratch, `${peer}-certificate.pem`)}`,
    "",
  ];
  writeFileSync(config, lines.join("\n"));
  const program = startProgram("stunnel4", [config], join(scratch, `stunnel-${side}.log`));
  await untilListening(accept, program);
  return program;
}

/** Runs a program to its end; its processor time is what the shell around it says it used (POSIX `times`). */
async function runMetered(
  program: string,
  args: readonly string[],
): Promise<{ cpuSeconds: number; peakBytes: number }> {
  const script = '"$@"; code=$?; times >&2; exit $code';
  const child = spawn("/bin/sh", ["-c", script, "sh", program, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  const meter = new UsageMeter([child.pid ?? 0]);
  let output = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (chunk: string) => (output += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const { peakBytes } = meter.now();
  meter.stop();
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${output.slice(-500)}`);
  return { cpuSeconds: secondsOfTimes(output), peakBytes };
}

/** Two lines, user and system each: of the shell, of what it started. */
function secondsOfTimes(output: string): number {
  const found = [...output.matchAll(/(\d+)m(\d+\.\d+)s/g)].slice(-2);
  return found.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
