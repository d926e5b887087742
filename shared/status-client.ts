import http from "node:http";
import path from "node:path";
import { z } from "zod";
import { AppError } from "./core/app-error.js";
import { actorStatus } from "./core/status.js";

const localStatus = actorStatus.extend({ listeners: z.object({ admin: z.boolean(), link: z.boolean() }) });

/** A status is a few kilobytes; this is far above one with a hundred folders. */
const mostBytes = 4_000_000;

/** Reads the status of this server's actor over its local socket in the state directory. */
export async function readActorStatus(
  stateDirectory: string,
  limitSeconds: number,
): Promise<z.output<typeof localStatus>> {
  const signal = AbortSignal.timeout(limitSeconds * 1000);
  const socketPath = path.join(stateDirectory, "status.sock");
  const text = await new Promise<string>((resolve, reject) => {
    const sent = http.get({ socketPath, path: "/status", agent: false, signal }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
        if (body.length > mostBytes) response.destroy(new AppError("REQUEST_TOO_LARGE", "the status is too large"));
      });
      response.on("end", () => {
        resolve(body);
      });
      response.on("error", reject);
    });
    sent.on("error", reject);
  });
  return localStatus.parse(JSON.parse(text));
}
