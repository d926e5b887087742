import Router, { type RouterContext } from "@koa/router";
import Koa from "koa";
import type { ServerOptions } from "node:https";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { errorCatalogue, type ErrorCode } from "../../shared/core/error-catalogue.js";
import { httpCodes, httpRequestCounter } from "../../shared/core/http-requests.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import {
  createHttpServer,
  startListening,
  stopListening,
  type ListenAddress,
  type ListenerLimits,
} from "../../shared/http-server.js";
import type { Actor } from "../actor-api.js";
import type { DatabaseTasks } from "../core/database-task.js";
import { authorize, type VerifyToken } from "./authorize.js";
import { certifiedCaller } from "./client-certificate.js";
import { createFailureDelay, type DelayFailure } from "./failure-delay.js";
import { addOpsPages } from "./ops/ops-pages.js";
import { readJson } from "./read-json.js";
import type { Caller, Route } from "./route.js";
import { webhookPath } from "./routes/post-alertmanager-webhook.js";
import { routes } from "./routes/index.js";

export interface AdminTls {
  readonly certificate: string;
  readonly privateKey: string;
  /** Whose certificate is as good as a token of the role alertmanager; undefined: nobody is asked for one. */
  readonly webhookClients?: string;
}

export interface AdminServerOptions {
  readonly listen: ListenAddress;
  /** PEM texts; undefined: plain HTTP, which the settings allow on a loopback address only. */
  readonly tls: AdminTls | undefined;
  readonly actor: Actor;
  readonly databases: DatabaseTasks;
  readonly pair: string;
  readonly verifyToken: VerifyToken;
  readonly log: LoggerPort;
  readonly clock: ClockPort;
}

export interface AdminServer {
  /** Opens the listener; rejects with LISTENER_FAILED. */
  start(): Promise<{ readonly port: number }>;
  /** Lets running requests end for two seconds. Idempotent. */
  stop(): Promise<void>;
}

const stopGraceSeconds = 2;

const limits: ListenerLimits = {
  headerBytes: 16 * 1024,
  headersSeconds: 10,
  requestSeconds: 30,
  idleSeconds: 60,
  connections: 100,
};

const securityHeaders = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  // With "no-referrer" a browser names the origin of a form as "null", and our own would be refused (Fetch, 3.1).
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

/** The listener for operators and for Alertmanager's webhook. */
export function createAdminServer(options: AdminServerOptions): AdminServer {
  const { listen, tls, log, clock } = options;
  const handle = createAdminApp(options).callback();
  const server = createHttpServer({
    tls: tls && serverTls(tls),
    limits,
    onRequest: (request, response) => void handle(request, response),
    onError: (error) => {
      log.warn("admin-listener-failed", { because: errorMessage(error) });
    },
  });
  return {
    start: async () => {
      const address = await startListening(server, listen, "admin.listen");
      log.info("admin-listening", { host: listen.host, port: address.port, transport: tls ? "https" : "http" });
      return address;
    },
    stop: () => stopListening(server, clock, stopGraceSeconds),
  };
}

/** A certificate is asked for and never demanded: operators have none, and what it may do is judged with the request. */
function serverTls({ certificate, privateKey, webhookClients }: AdminTls): ServerOptions {
  const clients =
    webhookClients === undefined ? {} : { ca: webhookClients, requestCert: true, rejectUnauthorized: false };
  return { cert: certificate, key: privateKey, minVersion: "TLSv1.2", ...clients };
}

function createAdminApp(options: AdminServerOptions): Koa {
  const app = new Koa();
  // Koa's own logging writes to the console; every error is answered and logged below.
  app.silent = true;
  app.on("error", (error: unknown) => {
    options.log.warn("admin-answer-failed", { because: errorMessage(error) });
  });
  app.use(async (context, next) => {
    await next();
    countAnswer(options.actor, context);
  });
  app.use(async (context, next) => {
    context.set(securityHeaders);
    try {
      await next();
      if (context.status === 404) throw new AppError("NOT_FOUND", "there is no such method and path");
    } catch (error) {
      answerError(context, options.log, error);
    }
  });
  const router = new Router();
  const delayFailure = createFailureDelay(options.clock);
  for (const route of routes) {
    router.register(route.path, [route.method.toLowerCase()], (context: RouterContext) =>
      serve(options, delayFailure, route, context),
    );
  }
  const { actor, pair, verifyToken, log, clock } = options;
  addOpsPages(router, { actor, pair, verifyToken, log, clock, delayFailure });
  app.use(router.routes());
  return app;
}

/** By what is served and how it ended; never by the path, of which anybody may invent any number. */
function countAnswer(actor: Actor, { path, status }: Koa.Context): void {
  const handler = path === webhookPath ? "webhook" : path.startsWith("/ops") ? "pages" : "api";
  const code = httpCodes.find((one) => one.startsWith(String(Math.floor(status / 100))));
  if (code !== undefined) actor.count(httpRequestCounter(handler, code));
}

async function serve(
  { actor, databases, pair, verifyToken, log }: AdminServerOptions,
  delayFailure: DelayFailure,
  route: Route,
  context: RouterContext,
): Promise<void> {
  const request = await take(verifyToken, route, context).catch(async (error: unknown) => {
    await countRejection(actor, delayFailure, route, error);
    throw error;
  });
  const callerName = request.caller?.name ?? "";
  const answer = await route.answer({
    actor,
    databases,
    pair,
    callerName,
    params: context.params,
    query: readQuery(context),
    body: request.body,
  });
  // Who asked for what is worth a line; who looked is not.
  if (route.method === "POST") log.info("admin-request", { route: route.path, by: callerName, status: answer.status });
  context.status = answer.status;
  context.body = answer.body;
}

/** Who asks, and what: judged in this order, so that nobody without a token makes the actor read a body. */
async function take(verifyToken: VerifyToken, route: Route, context: RouterContext) {
  const caller: Caller | undefined = authorize(
    route.access,
    context.get("authorization"),
    verifyToken,
    certifiedCaller(context.req),
  );
  const body = route.body === undefined ? undefined : await readJson(context.req, route.body);
  return { caller, body };
}

function readQuery({ URL: url }: RouterContext): Readonly<Record<string, string>> {
  return Object.fromEntries(url.searchParams);
}

async function countRejection(
  actor: Actor,
  delayFailure: DelayFailure,
  { rejectionCounter }: Route,
  error: unknown,
): Promise<void> {
  if (!(error instanceof AppError)) return;
  if (rejectionCounter !== undefined) actor.count(`${rejectionCounter}.${rejectionName(error.code)}`);
  if (error.code !== "NOT_AUTHENTICATED") return;
  actor.count("auth_failures");
  await delayFailure();
}

function rejectionName(code: ErrorCode): string {
  if (code === "NOT_AUTHENTICATED" || code === "NOT_ALLOWED") return "unauthenticated";
  return code === "REQUEST_TOO_LARGE" ? "oversized" : "malformed";
}

function answerError(context: Koa.Context, log: LoggerPort, error: unknown): void {
  const isExpected = error instanceof AppError;
  if (!isExpected) {
    log.error("admin-request-failed", { route: context.path, because: errorMessage(error) });
  }
  const code = isExpected ? error.code : "UNEXPECTED";
  const message = isExpected ? error.message : "this is a fault of SpareSync; its log says more";
  const hint = isExpected ? error.hint : undefined;
  context.status = errorCatalogue[code].httpStatus;
  context.body = { error: hint === undefined ? { code, message } : { code, message, hint } };
  // RFC 9110 section 11.6.1: a 401 names the scheme.
  if (code === "NOT_AUTHENTICATED") context.set("WWW-Authenticate", 'Bearer realm="sparesync"');
  // Else Node would read the rest of a refused body to its end, to keep the connection.
  if (!context.req.complete) context.set("Connection", "close");
}
