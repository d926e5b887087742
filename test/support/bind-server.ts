import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { encodeQuery } from "../../actor/core/dns-answer.js";
import { dnsType } from "../../actor/core/dns-codes.js";
import { decodeMessage } from "../../actor/core/dns-message.js";
import { exchangeTcp } from "../../actor/dns/tcp-exchange.js";
import { freePort } from "./free-port.js";
import { shiftedClock, type TestNameServer } from "./name-server-fixtures.js";

/** A real BIND for one zone, on a free loopback port, in a temporary directory of its own. */
export interface BindServer extends TestNameServer {
  stop(): Promise<void>;
  /** Stands still like a machine that hangs: connections are accepted by the system, nothing is answered. */
  freeze(): void;
  thaw(): void;
}

export interface BindOptions {
  /** More lines of the zone file. */
  readonly records?: readonly string[];
  readonly algorithm?: "hmac-sha256" | "hmac-sha384" | "hmac-sha512";
  /** Names the key may change (update-policy); without it every name of the zone. */
  readonly updateOnly?: readonly string[];
  /** Makes it a secondary name server of this one. */
  readonly secondaryOf?: BindServer;
  /** The port of a secondary that is told of each change at once. */
  readonly notifies?: number;
  /** Another zone, key and port than those of the tests of the DNS client; the port must be free. */
  readonly zone?: string;
  readonly key?: { readonly name: string; readonly secret: Buffer };
  readonly port?: number;
  /** Where it listens, and what starts it there: a program and its first arguments. Loopback of this machine unless given. */
  readonly place?: { readonly host: string; readonly enter: readonly [string, ...string[]] };
}

export const bindKeyName = "sparesync-test-key";
const usualZone = "example.test";

/** The path of a program of bind9; fails with its name where it is missing. */
export function findProgram(name: string): string {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/usr/bin"];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`the program ${name} is missing (Debian: bind9, bind9-dnsutils)`);
  return found;
}

/** Starts BIND and waits until it answers. A port taken by somebody else in between is not a failure: tries again. */
export async function startBind(options: BindOptions = {}): Promise<BindServer> {
  const attempts = 3;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt === attempts || !String(error).includes("address in use")) throw error;
    }
  }
}

async function startOnce(options: BindOptions): Promise<BindServer> {
  const named = findProgram("named");
  const directory = await mkdtemp(join(tmpdir(), "sparesync-bind-"));
  const port = options.port ?? (await freePort());
  const { zone = usualZone } = options;
  const tsigSecret = options.key?.secret ?? options.secondaryOf?.tsigSecret ?? randomBytes(64);
  await writeFile(join(directory, "named.conf"), configuration(directory, port, tsigSecret, options));
  if (options.secondaryOf === undefined)
    await writeFile(join(directory, "zone.db"), zoneFile(zone, options.records ?? []));

  const [program, ...first] = [...(options.place?.enter ?? []), named];
  const child = spawn(program, [...first, "-g", "-n", "1", "-c", join(directory, "named.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString("utf8")).slice(-20000);
  });
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilItAnswers({ host: options.place?.host ?? "127.0.0.1", port }, zone, child);
  } catch (error) {
    await stop();
    throw new Error(`named did not start: ${String(error)}\n${output}`);
  }
  const signal = (name: "SIGSTOP" | "SIGCONT"): void => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name);
  };
  return {
    port,
    zone,
    keyName: options.key?.name ?? bindKeyName,
    tsigSecret,
    stop,
    freeze: () => {
      signal("SIGSTOP");
    },
    thaw: () => {
      signal("SIGCONT");
    },
  };
}

function configuration(directory: string, port: number, secret: Buffer, options: BindOptions): string {
  const { zone = usualZone, key = { name: bindKeyName } } = options;
  const grants = options.updateOnly?.map((name) => `grant ${key.name} name ${name} ANY;`).join(" ");
  const updates = grants === undefined ? `allow-update { key ${key.name}; };` : `update-policy { ${grants} };`;
  const role =
    options.secondaryOf === undefined
      ? `type primary; file "zone.db"; allow-transfer { 127.0.0.1; }; ${notification(options)} ${updates}`
      : `type secondary; file "copy.db"; primaries { 127.0.0.1 port ${String(options.secondaryOf.port)}; }; allow-notify { 127.0.0.1; };`;
  // Nothing outside the directory is read or written, and no privilege is needed.
  return `
key "${key.name}" { algorithm ${options.algorithm ?? "hmac-sha256"}; secret "${secret.toString("base64")}"; };
options {
  directory "${directory}"; managed-keys-directory "${directory}";
  listen-on port ${String(port)} { ${options.place?.host ?? "127.0.0.1"}; }; listen-on-v6 { none; };
  pid-file none; session-keyfile none; lock-file none;
  recursion no; dnssec-validation no; notify no; empty-zones-enable no;
};
controls { };
zone "${zone}" { ${role} };
`;
}

function notification({ notifies }: BindOptions): string {
  return notifies === undefined ? "" : `notify explicit; also-notify { 127.0.0.1 port ${String(notifies)}; };`;
}

function zoneFile(zone: string, records: readonly string[]): string {
  return `$ORIGIN ${zone}.
$TTL 60
@ IN SOA ns.${zone}. hostmaster.${zone}. ( 1 3600 600 86400 60 )
@ IN NS ns
ns IN A 127.0.0.1
app 30 IN A 192.0.2.10
app 30 IN AAAA 2001:db8::10
${records.join("\n")}
`;
}

async function untilItAnswers(
  server: { readonly host: string; readonly port: number },
  zone: string,
  child: ChildProcess,
): Promise<void> {
  const clock = shiftedClock();
  const deadline = clock.monotonicMs() + 10000;
  while (clock.monotonicMs() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("the process has ended");
    const answer = await exchangeTcp({
      server,
      clock,
      signals: [],
      limitMs: 1000,
      makePacket: () => encodeQuery(1, zone, dnsType.SOA),
      isAnswer: () => true,
    });
    // A secondary answers SERVFAIL until it has the zone.
    if (answer.kind === "answer" && decodeMessage(answer.packet).isAuthoritative) return;
    await wait(50);
  }
  throw new Error("it does not answer");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGCONT");
  child.kill("SIGTERM");
  const late = new AbortController();
  const killer = wait(5000, undefined, { signal: late.signal }).then(
    () => child.kill("SIGKILL"),
    () => false,
  );
  await ended;
  late.abort();
  await killer;
}
