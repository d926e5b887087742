import { PassThrough, Readable } from "node:stream";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { runCli } from "../../cli/sparesync.js";

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stdout as JSON. */
  readonly json: Record<string, unknown>;
}

interface RunOptions {
  readonly answers?: readonly string[];
  /** What a person types at a terminal, key by key. */
  readonly keys?: Readable;
  readonly env?: Record<string, string>;
  readonly interruption?: AbortSignal;
  readonly stdout?: PassThrough;
  readonly clock?: ClockPort;
}

/** Runs one command line in this process, with answers for a person at the terminal where given. */
export async function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<CliRun> {
  const [stdout, stderr] = [options.stdout ?? new PassThrough(), new PassThrough()];
  if (options.keys) Object.assign(stderr, { isTTY: true });
  const exitCode = await runCli(argv, {
    stdin: options.keys ?? Readable.from((options.answers ?? []).map((answer) => `${answer}\n`)),
    stdout,
    stderr,
    env: options.env ?? {},
    isInteractive: options.answers !== undefined || options.keys !== undefined,
    clock: options.clock ?? createQuickClock(),
    interruption: () => options.interruption ?? new AbortController().signal,
  });
  const text = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString("utf8") ?? "";
  const output = text(stdout);
  return {
    exitCode,
    stdout: output,
    stderr: text(stderr),
    get json() {
      return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
    },
  };
}

/** A clock whose sleeps pass at once, as far as the sleeper can see. */
function createQuickClock(): ClockPort {
  let nowMs = 0;
  return {
    monotonicMs: () => nowMs,
    wallMs: () => Date.now(),
    sleep: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
}

/** The flags of a whole pair on loopback addresses. */
export function pairFlags(out: string): string[] {
  return (
    `init --out ${out} --pair shop --name app.shop.test --update-server 127.0.0.53:5300 --update-server-site elsewhere ` +
    "--primary-link 127.0.0.1:7401 --secondary-link 127.0.0.2:7401 --service web.service"
  ).split(" ");
}
