import type http from "node:http";
import type { TLSSocket } from "node:tls";
import { Registry } from "prom-client";
import { errorMessage } from "../shared/core/app-error.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import { createHttpServer, type HttpServer, type ListenerLimits } from "../shared/http-server.js";
import { scrapeLimitSeconds } from "./scrape-limit.js";
import type { WebConfig } from "./web-config.js";

/** What the pages show. */
export interface ExporterPages {
  readonly version: string;
  scrape(limitSeconds: number): Promise<string>;
  isReady(): boolean;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: http.OutgoingHttpHeaders;
}

const text = "text/plain; charset=utf-8";

/** A few Prometheus servers and a person: more, slower or larger is an attack or a mistake. */
const limits: ListenerLimits = {
  headerBytes: 16 * 1024,
  headersSeconds: 5,
  requestSeconds: 10,
  idleSeconds: 65,
  connections: 64,
};

/** The exporter's HTTP server; not yet listening. All but `/-/healthy` is for those whom the web configuration lets in. */
export function createExporterServer(pages: ExporterPages, webConfig: WebConfig, log: LoggerPort): HttpServer {
  const server = createHttpServer({
    tls: webConfig.tls,
    limits,
    onRequest: (request, response) => {
      void answerIfAllowed(pages, webConfig, request)
        .catch((error: unknown): Answer => {
          log.error("exporter-request-failed", { because: errorMessage(error) });
          return { status: 500, type: text, body: "Internal error; see the exporter's log.\n" };
        })
        .then((found) => {
          write(request, response, { ...found, headers: { ...webConfig.headers, ...found.headers } });
        });
    },
    onError: (error) => {
      log.warn("exporter-listener-failed", { because: errorMessage(error) });
    },
  });
  // Before the HTTP server's own listener: a destroyed socket is never read.
  server.prependListener("secureConnection", (socket: TLSSocket) => {
    if (webConfig.isClientAllowed(socket.getPeerX509Certificate())) return;
    log.warn("exporter-client-refused", { remote: socket.remoteAddress ?? "", because: "client_allowed_sans" });
    socket.destroy();
  });
  return server;
}

async function answerIfAllowed(
  pages: ExporterPages,
  webConfig: WebConfig,
  request: http.IncomingMessage,
): Promise<Answer> {
  const isOpen = request.url === "/-/healthy";
  if (isOpen || (await webConfig.isAllowed(request.headers.authorization))) return answer(pages, request);
  return { status: 401, type: text, body: "Unauthorized.\n", headers: { "www-authenticate": "Basic" } };
}

async function answer(pages: ExporterPages, { method, url = "/", headers }: http.IncomingMessage): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") return { status: 405, type: text, body: "Only GET and HEAD.\n" };
  const [path = "/"] = url.split("?", 1);
  switch (path) {
    case "/":
      return { status: 200, type: "text/html; charset=utf-8", body: landingPage };
    case "/metrics": {
      const limit = headers["x-prometheus-scrape-timeout-seconds"];
      const body = await pages.scrape(scrapeLimitSeconds(typeof limit === "string" ? limit : undefined));
      return { status: 200, type: Registry.PROMETHEUS_CONTENT_TYPE, body };
    }
    case "/-/healthy":
      return { status: 200, type: text, body: "The exporter is healthy.\n" };
    case "/-/ready":
      return pages.isReady()
        ? { status: 200, type: text, body: "The exporter is ready.\n" }
        : { status: 503, type: text, body: "The first probes are still running.\n" };
    case "/version":
      return { status: 200, type: "application/json", body: `${JSON.stringify({ version: pages.version })}\n` };
    default:
      return { status: 404, type: text, body: "Not found. See / for what there is.\n" };
  }
}

function write(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { status, type, body, headers }: Answer,
): void {
  // Encoded once: a string would be for its length and again by the socket, which is a tenth of a scrape.
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    "content-type": type,
    "content-length": bytes.length,
    "x-content-type-options": "nosniff",
    ...(status === 405 && { allow: "GET, HEAD" }),
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

const landingPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>SpareSync exporter</title></head>
<body>
<h1>SpareSync exporter</h1>
<ul>
<li><a href="/metrics">Metrics</a></li>
<li><a href="/-/healthy">Healthy</a></li>
<li><a href="/-/ready">Ready</a></li>
<li><a href="/version">Version</a></li>
</ul>
</body>
</html>
`;
