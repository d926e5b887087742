import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openStatusSocket, type StatusSocket, type StatusSocketOptions } from "../../actor/status-socket.js";
import { actorSocketPath } from "../../shared/actor-socket-path.js";
import { readActorStatus } from "../../shared/status-client.js";
import { aStatus } from "../support/fake-actor.js";
import { rememberLog } from "../support/log-memory.js";
import { loopbackClock } from "../support/loopback-clock.js";

let folder: string;
let opened: StatusSocket[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sparesync-test-"));
  opened = [];
});
afterEach(async () => {
  for (const socket of opened) await socket.close();
  rmSync(folder, { recursive: true });
});

const listeners = { admin: true, link: false };

async function open(changes: Partial<StatusSocketOptions> = {}) {
  const log = rememberLog();
  const socket = await openStatusSocket({
    stateDirectory: folder,
    status: () => aStatus,
    listeners: () => listeners,
    log,
    clock: loopbackClock,
    ...changes,
  });
  opened.push(socket);
  return { socket, log };
}

/** A socket file as a killed actor leaves it. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = `require("net").createServer().listen(process.argv[1], () => console.log("listening"))`;
  const child = spawn(process.execPath, ["-e", script, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(existsSync(path)).toBe(true);
}

test("tells the status and which listeners listen", async () => {
  await open();
  expect(await readActorStatus(folder, 2)).toEqual({ ...aStatus, listeners });
});

test("is for its own user only, and is gone after an orderly end", async () => {
  const { socket } = await open();
  expect(statSync(socket.path).mode & 0o777).toBe(0o600);
  await socket.close();
  await socket.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("makes a missing state directory that only its user may enter", async () => {
  const stateDirectory = join(folder, "new", "state");
  await open({ stateDirectory });
  expect(statSync(stateDirectory).mode & 0o777).toBe(0o700);
});

test("answers nothing but GET /status", async () => {
  const { socket } = await open();
  const codes = [];
  for (const [method, path] of [
    ["POST", "/status"],
    ["GET", "/"],
    ["GET", "/status"],
  ] as const) {
    const request = http.request({ socketPath: socket.path, method, path, agent: false });
    request.end();
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    response.resume();
    codes.push(response.statusCode);
  }
  expect(codes).toEqual([404, 404, 200]);
});

describe("one actor per state directory", () => {
  test("a second one is refused, and the first goes on", async () => {
    await open();
    await expect(open()).rejects.toMatchObject({ code: "ACTOR_RUNNING" });
    expect((await readActorStatus(folder, 2)).pair).toBe("shop");
  });

  test("the socket of a killed actor is replaced", async () => {
    await leaveStaleSocket(join(folder, "actor.sock"));
    const { log } = await open();
    expect((await readActorStatus(folder, 2)).pair).toBe("shop");
    expect(log.lines.map(({ event }) => event)).toEqual(["status-socket-replaced"]);
    expect(readdirSync(folder)).toEqual(["actor.sock"]);
  });

  test("of five that start at once over a killed one's socket, one lives", async () => {
    await leaveStaleSocket(join(folder, "actor.sock"));
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => open()));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "ACTOR_RUNNING" });
    }
    expect((await readActorStatus(folder, 2)).pair).toBe("shop");
  });

  test("of two that find a killed one's socket, the later one does not take away the living one's", async () => {
    await leaveStaleSocket(join(folder, "actor.sock"));
    const lock = join(folder, "actor.starting");
    mkdirSync(lock);
    let looks = 0;
    const clock = {
      ...loopbackClock,
      // Another one holds the lock while this one looks, listens, and gives it up.
      sleep: async () => {
        looks += 1;
        if (looks === 2) {
          rmSync(lock, { recursive: true });
          await open();
        }
      },
    };
    await expect(open({ clock })).rejects.toMatchObject({ code: "ACTOR_RUNNING" });
    expect((await readActorStatus(folder, 2)).pair).toBe("shop");
  });

  test("the lock of one that was killed while it started is given up after five seconds", async () => {
    mkdirSync(join(folder, "actor.starting"));
    let nowMs = 0;
    const sleep = (ms: number) => {
      nowMs += ms;
      return Promise.resolve();
    };
    await open({ clock: { ...loopbackClock, monotonicMs: () => nowMs, sleep } });
    expect(nowMs).toBeGreaterThanOrEqual(5000);
    expect(readdirSync(folder)).toEqual(["actor.sock"]);
  });

  test("a lock that cannot be given up is named, not waited for without end", async () => {
    mkdirSync(join(folder, "actor.starting", "content"), { recursive: true });
    let nowMs = 0;
    const sleep = (ms: number) => {
      nowMs += ms;
      return Promise.resolve();
    };
    const clock = { ...loopbackClock, monotonicMs: () => nowMs, sleep };
    await expect(open({ clock })).rejects.toMatchObject({ code: "LISTENER_FAILED" });
  });

  test("a file that is no socket is not removed", async () => {
    mkdirSync(join(folder, "actor.sock"));
    await expect(open()).rejects.toMatchObject({ code: "LISTENER_FAILED" });
    expect(existsSync(join(folder, "actor.sock"))).toBe(true);
  });
});

describe("a state directory with a long path", () => {
  test("has its socket in a folder of its own in the temporary directory, and says so", async () => {
    const stateDirectory = join(folder, "x".repeat(100));
    const { socket, log } = await open({ stateDirectory });
    expect(socket.path.startsWith(join(tmpdir(), "sparesync-"))).toBe(true);
    expect(log.lines.map(({ event }) => event)).toEqual(["status-socket-shortened"]);
    expect((await readActorStatus(stateDirectory, 2)).pair).toBe("shop");
    rmSync(join(socket.path, ".."), { recursive: true });
  });

  test("is refused when someone else may enter that folder", async () => {
    const stateDirectory = join(folder, "y".repeat(100));
    const where = actorSocketPath(stateDirectory, platform());
    mkdirSync(where.folder);
    chmodSync(where.folder, 0o777);
    await expect(open({ stateDirectory })).rejects.toMatchObject({ code: "LISTENER_FAILED" });
    rmSync(where.folder, { recursive: true });
  });

  test.each([
    { when: "100 bytes fit", directory: `/${"a".repeat(88)}`, isShortened: false },
    { when: "101 do not", directory: `/${"a".repeat(89)}`, isShortened: true },
    { when: "bytes count, not letters", directory: `/${"ä".repeat(45)}`, isShortened: true },
  ])("$when", ({ directory, isShortened }) => {
    const where = actorSocketPath(directory, "linux", "/tmp");
    expect(where.isShortened).toBe(isShortened);
    expect(Buffer.byteLength(where.path)).toBeLessThanOrEqual(100);
  });

  test("is a named pipe on Windows, the same for the same directory only", () => {
    const [one, two] = ["/a", "/b"].map((directory) => actorSocketPath(directory, "win32").path);
    expect(one).toMatch(/^\\\\\.\\pipe\\sparesync-[0-9a-f]{16}$/);
    expect(one).not.toBe(two);
  });
});

describe("readActorStatus", () => {
  test("says that no actor runs: never started, and killed", async () => {
    const absent = { code: "ACTOR_UNREACHABLE", message: expect.stringContaining("no actor runs") as unknown };
    await expect(readActorStatus(folder, 2)).rejects.toMatchObject(absent);
    await leaveStaleSocket(join(folder, "actor.sock"));
    await expect(readActorStatus(folder, 2)).rejects.toMatchObject(absent);
  });

  test("says that the status is not known yet", async () => {
    const { log } = await open({
      status: () => {
        throw new Error("not started");
      },
    });
    await expect(readActorStatus(folder, 2)).rejects.toMatchObject({ code: "ACTOR_UNREACHABLE" });
    expect(log.lines.map(({ event }) => event)).toEqual(["status-not-known"]);
  });

  test.each([
    { when: "lacks something", answer: JSON.stringify({ ...aStatus }) },
    { when: "is no JSON", answer: "hello" },
    { when: "is endless", answer: `"${"x".repeat(4 * 1024 * 1024)}"` },
  ])("does not believe an answer that $when", async ({ answer }) => {
    const server = http.createServer((_request, response) => response.end(answer));
    server.listen(join(folder, "actor.sock"));
    await once(server, "listening");
    await expect(readActorStatus(folder, 2)).rejects.toMatchObject({ code: "ACTOR_UNREACHABLE" });
    server.closeAllConnections();
    server.close();
  });

  test("gives up on an actor that accepts and does not answer", async () => {
    const server = net.createServer();
    const sockets: net.Socket[] = [];
    server.on("connection", (socket) => sockets.push(socket));
    server.listen(join(folder, "actor.sock"));
    await once(server, "listening");
    await expect(readActorStatus(folder, 0.1)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
});
