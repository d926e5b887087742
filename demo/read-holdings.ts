import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { errorCode } from "../shared/core/app-error.js";
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

/** What SpareSync keeps for itself in the root of a folder: no part of what is synchronised. */
const ownFolders = new Set([".deleted", ".sparesync"]);
const filesAtOnce = 16;

/** Path → SHA-256 of every file, or the target of a link. */
export async function hashFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !ownFolders.has(path.split(sep)[0] ?? ""));
  const hashes = new Map<string, string>();
  for (let first = 0; first < paths.length; first += filesAtOnce) {
    const some = paths.slice(first, first + filesAtOnce);
    for (const [path, content] of await Promise.all(
      some.map(async (path) => [path, await hash(join(folder, path))] as const),
    )) {
      hashes.set(path, content);
    }
  }
  return hashes;
}

async function hash(file: string): Promise<string> {
  try {
    if ((await lstat(file)).isSymbolicLink()) return `link to ${await readlink(file)}`;
    const sum = createHash("sha256");
    await pipeline(createReadStream(file), sum);
    return sum.digest("hex");
  } catch (error) {
    // Deleted between the listing and the reading: the next comparison sees it rightly.
    if (errorCode(error) === "ENOENT") return "gone";
    throw error;
  }
}
