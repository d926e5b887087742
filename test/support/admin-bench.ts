import http from "node:http";
import https from "node:https";
import type { Caller } from "../../actor/http/route.js";
import { createAdminServer, type AdminServer, type AdminTls } from "../../actor/http/admin-server.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { FakeActor } from "./fake-actor.js";
import { rememberLog, type LogMemory } from "./log-memory.js";
import { loopbackClock } from "./loopback-clock.js";
import { stubDatabases } from "./stub-databases.js";

const callers: Readonly<Record<string, Caller>> = {
  v: { name: "vera", role: "viewer" },
  o: { name: "olga", role: "operator" },
  a: { name: "alerts", role: "alertmanager" },
};

export interface AdminBench {
  readonly actor: FakeActor;
  readonly log: LogMemory;
  readonly server: AdminServer;
  readonly port: number;
  /** The waits the server asked for; they end at once. */
  readonly slept: number[];
}

export interface AdminAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

export async function startAdmin(tls?: AdminTls): Promise<AdminBench> {
  const actor = new FakeActor();
  const log = rememberLog();
  const slept: number[] = [];
  const clock: ClockPort = {
    ...loopbackClock,
    // Waits without a signal are the delay of failed authentications; the others end with the test.
    sleep: (ms, signal) => {
      if (signal !== undefined) return loopbackClock.sleep(ms, signal);
      slept.push(ms);
      return Promise.resolve();
    },
  };
  const server = createAdminServer({
    listen: { host: "127.0.0.1", port: 0 },
    tls,
    actor,
    databases: stubDatabases,
    pair: "shop",
    verifyToken: (token) => callers[token],
    log,
    clock,
  });
  const { port } = await server.start();
  return { actor, log, server, port, slept };
}

export interface AdminQuestion {
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly ca?: string;
  /** What is shown of oneself, where the server asks for it. */
  readonly client?: { readonly certificate: string; readonly privateKey: string };
}

export function askAdmin(port: number, question: AdminQuestion): Promise<AdminAnswer> {
  const { path, token, body, headers = {}, ca, client } = question;
  const method = question.method ?? (body === undefined ? "GET" : "POST");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = (ca === undefined ? http : https).request(
      {
        host: "127.0.0.1",
        port,
        method,
        path,
        agent: false,
        ...(ca !== undefined && { ca }),
        ...(client && { cert: client.certificate, key: client.privateKey }),
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
      },
      (response) => {
        let received = "";
        response.on("data", (chunk: Buffer) => (received += chunk.toString()));
        response.on("end", () => {
          const parsed = received === "" ? {} : (JSON.parse(received) as Record<string, unknown>);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
        });
      },
    );
    request.on("error", reject);
    request.end(text);
  });
}
