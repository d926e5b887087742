import { afterEach, expect, test } from "@jest/globals";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const program = join(import.meta.dirname, "../../demo/main.js");
const limitMs = 120_000;

let child: ChildProcess | undefined;
let temporary = "";

afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(temporary, { recursive: true, force: true });
});

/** Starts a demonstration whose files all stand in a folder of this test's own. */
function startDemonstration(): { readonly output: () => string; readonly ended: Promise<number | null> } {
  temporary = mkdtempSync(join(tmpdir(), "ss-"));
  const started = spawn(process.execPath, [program, "--ask", "watch"], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child = started;
  const parts: string[] = [];
  for (const stream of [started.stdout, started.stderr])
    stream.on("data", (part: Buffer) => parts.push(part.toString()));
  const ended = new Promise<number | null>((resolve) => started.once("exit", resolve));
  return { output: () => parts.join(""), ended };
}

/** Processes whose command line names a file of the demonstration. */
function processesOf(folder: string): readonly string[] {
  if (!existsSync("/proc/self/cmdline")) return processesByPs(folder);
  const commands = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
  return commands.filter((command) => command.includes(folder));
}

function processesByPs(folder: string): readonly string[] {
  const { stdout } = spawnSync("ps", ["-axo", "command="], { encoding: "utf8" });
  return stdout.split("\n").filter((command) => command.includes(folder));
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error("waited too long");
    await sleep(50);
  }
}

test.each([
  { signal: "SIGINT" as const, code: 130 },
  { signal: "SIGTERM" as const, code: 143 },
])(
  "$signal in the middle ends everything the demonstration started and removes its files",
  async ({ signal, code }) => {
    const { output, ended } = startDemonstration();
    // The name server and a database, at whatever they are just doing.
    await until(() => output().includes("tokens") && processesOf(temporary).length >= 2);
    child?.kill(signal);
    expect(await ended).toBe(code);
    expect(processesOf(temporary)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  },
  limitMs,
);

test(
  "a reader of the output that goes away ends everything too, without a word",
  async () => {
    const { output, ended } = startDemonstration();
    await until(() => output().includes("databases"));
    child?.stdout?.destroy();
    expect(await ended).toBe(141);
    expect(output()).not.toContain("EPIPE");
    expect(processesOf(temporary)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  },
  limitMs,
);
