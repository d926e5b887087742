import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import type { ApplicationConfig } from "./application/application-config.js";
import type { Holdings } from "./comparison.js";

const answerLimitMs = 10_000;

/** Reads what a server's database and upload folder hold, past SpareSync and past the application. */
export async function readHoldings(database: ApplicationConfig["database"], uploadFolder: string): Promise<Holdings> {
  const rows = new Map<string, string>();
  const observations = new Set<string>();
  // Simple queries only: PGlite shares one session among its clients (demo/application/order-database.ts).
  const limits = { connectionTimeoutMillis: answerLimitMs, query_timeout: answerLimitMs };
  const client = new pg.Client({ ...database, ...limits, application_name: "comparison" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const orders = await client.query<{ id: string; text: string }>("SELECT id, text FROM orders");
    for (const { id, text } of orders.rows) rows.set(id, text);
    const seen = await client.query<{ id: string }>("SELECT id FROM observations");
    for (const { id } of seen.rows) observations.add(id);
  } finally {
    await client.end();
  }
  return { rows, observations, files: await hashFiles(uploadFolder) };
}

/** Path → SHA-256 of every file; what SpareSync keeps of deleted files on a target is no part of the folder. */
export async function hashFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith("."));
  return new Map(await Promise.all(files.map(async (path) => [path, await hash(join(folder, path))] as const)));
}

async function hash(file: string): Promise<string> {
  const sum = createHash("sha256");
  await pipeline(createReadStream(file), sum);
  return sum.digest("hex");
}
