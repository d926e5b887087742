import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCommandControl } from "../../../actor/managed-system/command.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { managedSystemControlContract } from "../../contract/managed-system-control.contract.js";

const { signal } = new AbortController();
const clock = createSystemClock();
let directory: string;
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "command-control-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A script and the file that stands for "it runs". */
function sh(script: string, file: string): string[] {
  return ["sh", "-c", script, "sh", file];
}

async function openControl(change: Partial<Record<"start" | "stop" | "kill" | "status", string>> = {}) {
  count += 1;
  const file = path.join(directory, `running-${count}`);
  await writeFile(file, "");
  const settings = {
    kind: "command" as const,
    name: "web",
    start: sh(change.start ?? 'touch "$1"', file),
    stop: sh(change.stop ?? 'rm "$1"', file),
    status: sh(change.status ?? 'test -e "$1.blind" && exit 4; test -e "$1" || exit 3', file),
    kill: change.kill === undefined ? undefined : sh(change.kill, file),
  };
  return { control: createCommandControl(settings, clock), file };
}

/** Until a process is gone: a killed one is still seen for a moment. */
async function isGone(pid: number): Promise<boolean> {
  for (let look = 0; look < 50; look += 1) {
    try {
      process.kill(pid, 0);
      // A zombie that waits for its parent is gone as far as anybody can use it.
      if (/\) Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"))) return true;
    } catch {
      return true;
    }
    await clock.sleep(20);
  }
  return false;
}

managedSystemControlContract("command", async () => {
  const { control, file } = await openControl();
  return { control, blind: () => writeFile(`${file}.blind`, "") };
});

describe("command", () => {
  test.each([
    { when: "0", status: "exit 0", state: "running" },
    { when: "3", status: "exit 3", state: "stopped" },
    { when: "1", status: "echo broken pipe >&2; exit 1", state: "unknown" },
    { when: "a signal", status: "kill -9 $$", state: "unknown" },
  ])("a status that ends with $when means $state", async ({ status, state }) => {
    const { control } = await openControl({ status });
    expect(await control.status(signal)).toMatchObject({ state });
  });

  test("a program that does not exist is unknown, not stopped", async () => {
    const missing = [path.join(directory, "no-such-program")];
    const settings = { kind: "command" as const, name: "web", start: missing, stop: missing, status: missing };
    const control = createCommandControl({ ...settings, kill: undefined }, clock);
    const status = await control.status(signal);
    expect(status).toMatchObject({ state: "unknown" });
    expect(status.because).toMatch(/the status command of web cannot be run: .*ENOENT/);
  });

  test("a failed start names its exit code and the end of its output, but no argument", async () => {
    const { control, file } = await openControl({
      status: "exit 3",
      start: "printf 'x%.0s' $(seq 2000); echo; echo 'port 8080 is taken' >&2; exit 7",
    });
    const failure = await control.start(signal).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: "MANAGED_SYSTEM_FAILED" });
    expect((failure as Error).message).toMatch(/^the start command of web exited with 7: …x+\nport 8080 is taken$/);
    expect((failure as Error).message.length).toBeLessThan(600);
    expect((failure as Error).message).not.toContain(file);
  });

  test("what runs is not started a second time", async () => {
    const { control } = await openControl({ start: "exit 9" });
    await control.start(signal);
  });

  test("a start that leaves a program running with its output open is over when it exits itself", async () => {
    const { control, file } = await openControl({
      status: 'test -e "$1.pid" || exit 3',
      start: 'sleep 30 & echo $! > "$1.pid"',
    });
    const startedAtMs = clock.monotonicMs();
    await control.start(signal);
    expect(clock.monotonicMs() - startedAtMs).toBeLessThan(5000);
    const pid = Number(await readFile(`${file}.pid`, "utf8"));
    expect(() => process.kill(pid, 0)).not.toThrow();
    process.kill(pid);
  });

  test("a stop that hangs is ended with what it started, then kill gets the rest of the time", async () => {
    const { control, file } = await openControl({
      stop: 'sleep 30 & echo $! > "$1.pid"; wait',
      kill: 'rm "$1"',
    });
    const startedAtMs = clock.monotonicMs();
    await control.stop(3, signal);
    // `stop` gets 60 % of the time, so that the kill surely fits into the rest.
    expect(clock.monotonicMs() - startedAtMs).toBeLessThan(2700);
    expect(existsSync(file)).toBe(false);
    expect(await isGone(Number(await readFile(`${file}.pid`, "utf8")))).toBe(true);
  });

  test("a stop that reports success while it still runs is followed by kill", async () => {
    const { control, file } = await openControl({ stop: "exit 0", kill: 'rm "$1"' });
    await control.stop(1.5, signal);
    expect(existsSync(file)).toBe(false);
  });

  test("a stop that needs a moment after its exit is waited for, without kill", async () => {
    const { control, file } = await openControl({
      stop: '(sleep 0.4; rm "$1") >/dev/null 2>&1 &',
      kill: 'touch "$1.killed"',
    });
    await control.stop(5, signal);
    expect(existsSync(`${file}.killed`)).toBe(false);
  });

  test("a stop that fails although it is stopped afterwards has done its work", async () => {
    const { control } = await openControl({ stop: 'rm "$1"; exit 1' });
    await control.stop(2, signal);
  });

  test.each([
    { when: "without kill", kill: undefined, message: /^not seen stopped: the stop command of web exited with 1/ },
    {
      when: "with a kill that fails",
      kill: "echo cannot; exit 2",
      message: /stop.*; the kill command of web exited with 2: cannot/,
    },
  ])("what cannot be stopped is said within the time, $when", async ({ kill, message }) => {
    const { control } = await openControl({ stop: "exit 1", ...(kill !== undefined && { kill }) });
    const startedAtMs = clock.monotonicMs();
    const stopping = control.stop(2, signal);
    await expect(stopping).rejects.toMatchObject({ code: "MANAGED_SYSTEM_FAILED" });
    await expect(stopping).rejects.toThrow(message);
    expect(clock.monotonicMs() - startedAtMs).toBeLessThan(2200);
  });

  test("a cancelled stop ends its command and rejects at once", async () => {
    const { control, file } = await openControl({ stop: 'echo $$ > "$1.pid"; sleep 30' });
    const controller = new AbortController();
    const stopping = control.stop(20, controller.signal);
    const rejected = expect(stopping).rejects.toMatchObject({ code: "ABORTED" });
    while (!existsSync(`${file}.pid`)) await clock.sleep(10);
    controller.abort();
    await rejected;
    expect(await isGone(Number(await readFile(`${file}.pid`, "utf8")))).toBe(true);
  });
});
