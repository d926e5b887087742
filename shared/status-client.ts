import http from "node:http";
import { platform } from "node:os";
import { actorSocketPath } from "./actor-socket-path.js";
import { AppError, errorCode, errorMessage } from "./core/app-error.js";
import { localStatus, type LocalStatus } from "./core/local-status.js";
import { readBody } from "./read-body.js";

/** A hundred folders, databases and operations are some 100 KiB. */
const statusLimitBytes = 4 * 1024 * 1024;

/**
 * The status of the actor that runs with this state directory. Rejects with ACTOR_UNREACHABLE (none runs, or what
 * answers is no actor of a fitting version) or DEADLINE_EXCEEDED (it runs and does not answer: hung or frozen).
 */
export async function readActorStatus(stateDirectory: string, limitSeconds: number): Promise<LocalStatus> {
  const { path } = actorSocketPath(stateDirectory, platform());
  const limit = AbortSignal.timeout(limitSeconds * 1000);
  const answer = await get(path, limit).catch((error: unknown) => {
    if (limit.aborted) {
      throw new AppError("DEADLINE_EXCEEDED", `the actor did not answer on ${path} within ${limitSeconds} s`);
    }
    throw unreachable(path, error);
  });
  const parsed = localStatus.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
  throw new AppError("ACTOR_UNREACHABLE", `what answers on ${path} is not a status of this version (at "${where}")`);
}

function get(socketPath: string, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path: "/status", signal, agent: false }, (response) => {
      readBody(response, statusLimitBytes)
        .then((body): unknown => {
          if (response.statusCode !== 200) throw new Error(`it answers ${response.statusCode ?? 0}`);
          return JSON.parse(body.toString());
        })
        .then(resolve, (error: unknown) => {
          request.destroy();
          reject(new Error(errorMessage(error)));
        });
    });
    request.on("error", reject);
  });
}

function unreachable(path: string, error: unknown): AppError {
  const code = errorCode(error);
  // ENOENT: never started or stopped in order; ECONNREFUSED: killed, its socket file is left behind.
  const isAbsent = code === "ENOENT" || code === "ECONNREFUSED";
  const because = isAbsent ? "no actor runs" : errorMessage(error);
  return new AppError("ACTOR_UNREACHABLE", `the actor does not answer on ${path}: ${because}`, {
    cause: error,
    hint: code === "EACCES" ? "Run this as the user the actor runs as." : "Is the actor started?",
  });
}
