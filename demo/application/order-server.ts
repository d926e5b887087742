import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { ApplicationConfig } from "./application-config.js";
import type { OrderDatabase } from "./order-database.js";

const bodyLimitBytes = 1024 * 1024;
const fileName = /^[a-z0-9][a-z0-9.-]{0,99}$/;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The web application: it answers 201 only for what is committed, or written and synced to the disk. */
export function createOrderServer(config: ApplicationConfig, database: OrderDatabase): Server {
  return createServer((request, response) => {
    handle(config, database, request).then(
      (answer) => {
        send(response, answer);
      },
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        send(response, { status: 500, body: message });
      },
    );
  });
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(body);
}

async function handle(config: ApplicationConfig, database: OrderDatabase, request: IncomingMessage): Promise<Answer> {
  // What a web server does that honours the convention of ASP.NET Core.
  if (existsSync(join(config.directory, "app_offline.htm"))) return { status: 503, body: "offline" };
  const url = new URL(request.url ?? "/", "http://application");
  const route = `${request.method ?? ""} ${url.pathname}`;
  switch (route) {
    case "GET /health":
      await database.check();
      return { status: 200, body: `shop ok on ${config.server}` };
    case "POST /rows":
      return await takeRow(config, database, await readBody(request));
    case "POST /observe":
      await database.insertObservation(textField(await readBody(request), "id"), config.server);
      return { status: 201, body: config.server };
    case "POST /files":
      return await takeFile(config, url.searchParams.get("name") ?? "", await readBody(request));
    default:
      return { status: 404, body: `there is no ${route}` };
  }
}

async function takeRow(config: ApplicationConfig, database: OrderDatabase, body: Buffer): Promise<Answer> {
  await database.insertOrder(textField(body, "id"), textField(body, "text"), config.server);
  return { status: 201, body: config.server };
}

async function takeFile(config: ApplicationConfig, name: string, body: Buffer): Promise<Answer> {
  if (!fileName.test(name)) return { status: 400, body: "a file needs a plain name" };
  const file = await open(join(config.uploadFolder, name), "w");
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
  return { status: 201, body: config.server };
}

function textField(body: Buffer, field: string): string {
  const parsed: unknown = JSON.parse(body.toString("utf8"));
  const value: unknown = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, field) : undefined;
  if (typeof value !== "string" || value === "") throw new Error(`the field ${field} is missing`);
  return value;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimitBytes) throw new Error("the body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
