import { chmod, lstat, mkdir, rm, rmdir } from "node:fs/promises";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import net from "node:net";
import { platform, userInfo } from "node:os";
import { join } from "node:path";
import { actorSocketPath, type ActorSocketPath } from "../shared/actor-socket-path.js";
import { AppError, errorCode, errorMessage } from "../shared/core/app-error.js";
import type { ClockPort } from "../shared/core/clock-port.js";
import type { LocalStatus } from "../shared/core/local-status.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { ActorStatus } from "../shared/core/status.js";

export interface StatusSocketOptions {
  readonly stateDirectory: string;
  /** What it throws is answered with 503: asked before the actor knows its status. */
  readonly status: () => ActorStatus;
  readonly listeners: () => LocalStatus["listeners"];
  readonly log: LoggerPort;
  readonly clock: ClockPort;
}

export interface StatusSocket {
  readonly path: string;
  /** Stops answering and removes the socket file. Idempotent. */
  close(): Promise<void>;
}

const connectLimitMs = 1000;
const lockLookMs = 50;
const lockLimitMs = 5000;

/**
 * Serves `GET /status` to the programs of this machine, also when both other listeners have failed. It is the lock
 * against a second actor on the same state directory, too, so open it before anything is read or written there. Rejects
 * with ACTOR_RUNNING when one lives, LISTENER_FAILED when the socket cannot be opened.
 */
export async function openStatusSocket(options: StatusSocketOptions): Promise<StatusSocket> {
  const { stateDirectory, log } = options;
  const where = actorSocketPath(stateDirectory, platform());
  if (where.isShortened) {
    log.info("status-socket-shortened", { path: where.path, because: "the state directory's path is too long" });
  }
  await prepareFolder(where);
  const server = http.createServer((request, response) => {
    answer(options, request, response);
  });
  server.headersTimeout = 5000;
  server.requestTimeout = 5000;
  server.maxConnections = 50;
  server.on("error", (error) => {
    if (server.listening) log.warn("status-socket-failed", { because: errorMessage(error) });
  });
  // A named pipe ends with its process: nothing to take over, nothing to protect.
  if (where.folder === "") await takeOver(options, server, where.path);
  else await exclusively(options.clock, where.folder, () => takeOver(options, server, where.path));
  if (where.folder !== "") await chmod(where.path, 0o600);
  return { path: where.path, close: () => close(server) };
}

function answer({ status, listeners, log }: StatusSocketOptions, request: IncomingMessage, response: ServerResponse) {
  const reply = (code: number, body: object): void => {
    response.writeHead(code, { "content-type": "application/json", connection: "close" });
    response.end(JSON.stringify(body));
  };
  if (request.method !== "GET" || request.url !== "/status") {
    reply(404, { error: "only GET /status is answered here" });
    return;
  }
  try {
    reply(200, { ...status(), listeners: listeners() });
  } catch (error) {
    log.warn("status-not-known", { because: errorMessage(error) });
    reply(503, { error: "the status is not known yet" });
  }
}

async function prepareFolder({ folder, isShortened }: ActorSocketPath): Promise<void> {
  if (folder === "") return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!isShortened) return;
  const found = await lstat(folder);
  if (found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0) return;
  throw new AppError("LISTENER_FAILED", `${folder} must be a folder that only this user may enter`, {
    hint: "Remove it, or choose a state directory with a shorter path.",
  });
}

/** True when it listens now; false when there is a socket of that path already. */
function isListening(server: http.Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      if (errorCode(error) === "EADDRINUSE") {
        resolve(false);
        return;
      }
      reject(new AppError("LISTENER_FAILED", `cannot listen on ${path}: ${errorMessage(error)}`, { cause: error }));
    };
    server.once("error", fail);
    server.listen(path, () => {
      server.off("error", fail);
      resolve(true);
    });
  });
}

/** Opens the socket, over the file that a killed actor left if need be. Only one process at a time does this. */
async function takeOver({ stateDirectory, log }: StatusSocketOptions, server: http.Server, path: string) {
  if (await isListening(server, path)) return;
  if (await accepts(path)) throw running(stateDirectory);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() === false) {
    throw new AppError("LISTENER_FAILED", `${path} is no socket; something else keeps its files there`);
  }
  await rm(path, { force: true });
  log.info("status-socket-replaced", { path, because: "the actor that left it does not run any more" });
  if (!(await isListening(server, path))) throw running(stateDirectory);
}

/**
 * Runs `work` while no other starting actor can: between finding a socket file dead and removing it, another one could
 * have put its living socket there. A folder, because making one is atomic everywhere; it is held for a second at most,
 * so one that stays was left by a process killed just then.
 */
async function exclusively(clock: ClockPort, folder: string, work: () => Promise<void>): Promise<void> {
  const lock = join(folder, "actor.starting");
  const sinceMs = clock.monotonicMs();
  while (!(await makeLock(lock))) {
    if (clock.monotonicMs() - sinceMs > lockLimitMs) {
      await removeLock(lock);
      if (await makeLock(lock)) break;
      throw new AppError("LISTENER_FAILED", `${lock} cannot be taken; remove it when no actor starts`);
    }
    await clock.sleep(lockLookMs);
  }
  try {
    await work();
  } finally {
    await removeLock(lock);
  }
}

/** False when another process holds it. */
async function makeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw new AppError("LISTENER_FAILED", `cannot write in the state directory: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

async function removeLock(lock: string): Promise<void> {
  await rmdir(lock).catch(() => undefined);
}

/** A frozen actor's socket still accepts; anything but a clear refusal counts as a living actor. */
function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    const settle = (isAccepted: boolean): void => {
      socket.destroy();
      resolve(isAccepted);
    };
    socket.setTimeout(connectLimitMs, () => {
      settle(true);
    });
    socket.once("connect", () => {
      settle(true);
    });
    socket.once("error", (error) => {
      const code = errorCode(error);
      settle(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}

function running(stateDirectory: string): AppError {
  return new AppError("ACTOR_RUNNING", `an actor runs already with the state directory ${stateDirectory}`, {
    hint: "End it first, or give this server's settings a state directory of their own.",
  });
}

function close(server: http.Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    // Node removes the socket file itself.
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
