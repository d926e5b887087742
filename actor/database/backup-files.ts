import { createHash } from "node:crypto";
import { createReadStream, type Dirent } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readFileIfExists } from "../../shared/atomic-file.js";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { decodeCopyLine } from "../core/copy-text.js";
import { batchOfRows, rowsOf, type Cell, type JournalBatch } from "../core/journal-wire.js";
import type { DatabaseEngine } from "./engine.js";
import type { ReadLimits } from "./engine.js";

const fileForm = z.object({
  table: z.string(),
  columns: z.array(z.string()),
  file: z.string().regex(/^[a-z]+-[0-9]+\.copy$/),
  rows: z.number(),
  sha256: z.string(),
});
const manifestForm = z.object({
  form: z.literal(2),
  database: z.string(),
  label: z.string(),
  takenAtMs: z.number(),
  /** All that were backed up; one without rows has no file. */
  tables: z.array(z.string()),
  files: z.array(fileForm),
  sequences: z.array(z.array(z.union([z.string(), z.null()]))),
});
/** What a backup says of itself. */
export type Manifest = z.output<typeof manifestForm>;
type BackupFile = z.output<typeof fileForm>;

const manifestName = "manifest.json";
/** A folder that is not whole yet. */
const partEnding = ".part";
/** Whoever empties tables all the time is told of. */
const mostReadings = 3;
const sequenceColumns = ["schema", "name", "value"];

/**
 * Writes all synchronised tables into `folder`, one snapshot, one file per table in COPY's text format (psql reads it
 * with \copy) and a manifest with checksums. The folder has its name only when everything in it is durable.
 */
export async function writeBackup(
  engine: DatabaseEngine,
  folder: string,
  head: Pick<Manifest, "database" | "label" | "takenAtMs">,
  limits: ReadLimits,
  signal: AbortSignal,
): Promise<string> {
  for (let left = mostReadings; ; left -= 1) {
    try {
      return await writeOnce(engine, folder, head, limits, signal);
    } catch (error) {
      // It waits for who does this, and reads behind him.
      if (errorCode(error) !== "DATABASE_BUSY" || left <= 1) throw error;
    }
  }
}

async function writeOnce(...[engine, folder, head, limits, signal]: Parameters<typeof writeBackup>): Promise<string> {
  const part = `${folder}${partEnding}`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o700 });
  const files: BackupFile[] = [];
  const sequences: (readonly Cell[])[] = [];
  let writer: CopyFileWriter | undefined;
  try {
    const take = async (batch: JournalBatch): Promise<void> => {
      if (batch.kind === "sequences") {
        sequences.push(...rowsOf(batch));
        return;
      }
      if (writer?.table !== batch.table) {
        if (writer) files.push(await writer.finish());
        writer = await CopyFileWriter.create(part, `table-${String(files.length + 1)}.copy`, batch);
      }
      await writer.add(batch);
    };
    const tables = (await engine.readInstallation(signal)).tables.map(({ label }) => label);
    await engine.readAll(limits, take, signal);
    if (writer) files.push(await writer.finish());
    const manifest = { form: 2, ...head, tables, files, sequences };
    await writeDurably(join(part, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
    await syncFolder(part);
    await rename(part, folder);
    await syncFolder(join(folder, ".."));
    return folder;
  } catch (error) {
    await writer?.discard();
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}

/** Puts a backup back where writers are refused, in one transaction; what was there is lost and the position forgotten. */
export async function restoreBackup(engine: DatabaseEngine, folder: string, signal: AbortSignal): Promise<void> {
  await engine.replaceAll(batchesOf(folder, await readBackup(folder, signal)), signal);
}

/** Reads all of a backup. Rejects with STATE_UNREADABLE, naming the file, where it is not what was written. */
export async function readBackup(folder: string, signal: AbortSignal): Promise<Manifest> {
  const manifest = await readManifest(folder);
  for (const file of manifest.files) await checkFile(folder, file, signal);
  return manifest;
}

/** A folder with a manifest; one that cannot be read says why. */
export interface ListedBackup {
  readonly folder: string;
  readonly manifest: Manifest | undefined;
  readonly because: string;
}

/** The backups in a directory, oldest first, those that cannot be read at the end; what is no backup is not among them. */
export async function listBackups(directory: string): Promise<readonly ListedBackup[]> {
  const found: ListedBackup[] = [];
  for (const entry of await entriesOf(directory)) {
    const folder = join(directory, entry.name);
    if (!entry.isDirectory() || entry.name.endsWith(partEnding)) continue;
    if ((await readFileIfExists(join(folder, manifestName))) === undefined) continue;
    try {
      found.push({ folder, manifest: await readManifest(folder), because: "" });
    } catch (error) {
      found.push({ folder, manifest: undefined, because: errorMessage(error) });
    }
  }
  const timeOf = ({ manifest }: ListedBackup): number => manifest?.takenAtMs ?? Number.MAX_VALUE;
  return found.sort((a, b) => timeOf(a) - timeOf(b));
}

/** The directory is made with the first backup. */
async function entriesOf(directory: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  try {
    return manifestForm.parse(JSON.parse(await readFile(join(folder, manifestName), "utf8")));
  } catch (error) {
    throw new AppError("STATE_UNREADABLE", `the backup ${folder} has no readable manifest: ${errorMessage(error)}`);
  }
}

async function checkFile(folder: string, { file, sha256 }: BackupFile, signal: AbortSignal): Promise<void> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(join(folder, file), { signal })) hash.update(chunk as Buffer);
  } catch (error) {
    signal.throwIfAborted();
    throw new AppError("STATE_UNREADABLE", `the backup ${folder} is damaged: ${errorMessage(error)}`);
  }
  if (hash.digest("hex") !== sha256) {
    throw new AppError("STATE_UNREADABLE", `the backup ${folder} is damaged: ${file} has another checksum`);
  }
}

async function* batchesOf(folder: string, manifest: Manifest): AsyncGenerator<JournalBatch> {
  for (const { table, columns, file } of manifest.files) {
    const head = { kind: "rows", table, columns } as const;
    let rows: (readonly Cell[])[] = [];
    for await (const line of linesOf(join(folder, file))) {
      rows.push(decodeCopyLine(line));
      if (rows.length < restoreRows) continue;
      yield batchOfRows(head, rows);
      rows = [];
    }
    if (rows.length > 0) yield batchOfRows(head, rows);
  }
  if (manifest.sequences.length > 0) {
    yield batchOfRows({ kind: "sequences", table: "", columns: sequenceColumns }, manifest.sequences);
  }
}

/** Lines end at a newline alone: node:readline would also end them at U+2028, which is data here. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(file, { encoding: "utf8" })) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Rows written back by one statement. */
const restoreRows = 1024;

class CopyFileWriter {
  readonly table: string;
  readonly #columns: readonly string[];
  readonly #file: string;
  readonly #handle: Awaited<ReturnType<typeof open>>;
  readonly #hash = createHash("sha256");
  #rows = 0;

  private constructor(file: string, handle: Awaited<ReturnType<typeof open>>, batch: JournalBatch) {
    this.table = batch.table;
    this.#columns = batch.columns;
    this.#file = file;
    this.#handle = handle;
  }

  static async create(folder: string, file: string, batch: JournalBatch): Promise<CopyFileWriter> {
    return new CopyFileWriter(file, await open(join(folder, file), "wx", 0o600), batch);
  }

  async add(batch: JournalBatch): Promise<void> {
    this.#hash.update(batch.text);
    this.#rows += batch.rows;
    await this.#handle.appendFile(batch.text);
  }

  async finish(): Promise<BackupFile> {
    await this.#handle.sync();
    await this.#handle.close();
    const sha256 = this.#hash.digest("hex");
    return { table: this.table, columns: [...this.#columns], file: this.#file, rows: this.#rows, sha256 };
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  await handle.appendFile(text);
  await handle.sync();
  await handle.close();
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync();
  await handle.close();
}
