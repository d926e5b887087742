import { open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { readFileIfExists } from "../shared/atomic-file.js";
import { eventRecord, matchesEvent, type EventFilter, type EventRecord } from "../shared/core/event-record.js";
import type { LoggerPort } from "../shared/core/logger-port.js";

/** What was found of the history, newest first. */
export interface HistoryPage {
  readonly events: readonly EventRecord[];
  /** Lines that a kill or a full disk has cut short; they were passed over. */
  readonly unreadableLines: number;
}

/** The history of this server, oldest first on disk. */
export interface EventLogPort {
  /** Adds events; durable when it resolves. Rejects when they cannot be written; some of them may be there then. */
  append(records: readonly EventRecord[]): Promise<void>;
  list(filter: EventFilter): Promise<HistoryPage>;
  /** The number of the last event written; 0 when there is none. */
  lastSequence(): Promise<number>;
}

export interface EventLogLimits {
  readonly fileBytes: number;
  readonly files: number;
}

/**
 * One JSON object a line in `events.jsonl` of the state directory, mode 0600; full files are `events.jsonl.1` (the
 * youngest) and so on.
 */
export function createEventLog(stateDirectory: string, limits: EventLogLimits, log: LoggerPort): EventLogPort {
  const fileAt = (age: number): string => path.join(stateDirectory, `events.jsonl${age === 0 ? "" : `.${age}`}`);
  const rotate = async (): Promise<void> => {
    await rm(fileAt(limits.files - 1), { force: true });
    for (let age = limits.files - 2; age >= 0; age -= 1) {
      if ((await sizeOf(fileAt(age))) > 0) await rename(fileAt(age), fileAt(age + 1));
    }
  };
  /** The records of each file, both newest first, until nobody wants more. */
  async function* newestFirst(): AsyncGenerator<Lines> {
    for (let age = 0; age < limits.files; age += 1) {
      const text = await readFileIfExists(fileAt(age));
      if (text !== undefined) yield readLines(text);
    }
  }
  return {
    async append(records) {
      const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
      const size = await sizeOf(fileAt(0));
      if (size > 0 && size + Buffer.byteLength(text) > limits.fileBytes) await rotate();
      await appendDurably(fileAt(0), text, log);
    },
    async list(filter) {
      const events: EventRecord[] = [];
      let unreadableLines = 0;
      for await (const { records, unreadable } of newestFirst()) {
        unreadableLines += unreadable;
        events.push(...records.filter((record) => matchesEvent(record, filter)));
        const oldest = records.at(-1);
        if (events.length >= filter.limit || (oldest && oldest.atMs < filter.sinceMs)) break;
      }
      return { events: events.slice(0, filter.limit), unreadableLines };
    },
    async lastSequence() {
      for await (const { records } of newestFirst()) {
        const [newest] = records;
        if (newest) return newest.sequence;
      }
      return 0;
    },
  };
}

async function appendDurably(file: string, text: string, log: LoggerPort): Promise<void> {
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    // What a kill has cut short stays alone on its line, and does not spoil the one that follows.
    const isTorn = size > 0 && last.toString() !== "\n";
    if (isTorn) log.warn("history-line-torn", { file: path.basename(file) });
    await handle.appendFile(isTorn ? `\n${text}` : text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

interface Lines {
  readonly records: readonly EventRecord[];
  readonly unreadable: number;
}

function readLines(text: string): Lines {
  const lines = text.split("\n").filter((line) => line !== "");
  const records = lines.flatMap(readLine).reverse();
  return { records, unreadable: lines.length - records.length };
}

function readLine(line: string): readonly EventRecord[] {
  try {
    return [eventRecord.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
