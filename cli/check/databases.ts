import { statfs } from "node:fs/promises";
import { readDatabaseSize } from "../../actor/database-scripts.js";
import type { Finding } from "../../shared/check/finding.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { isLoopbackHost } from "../../shared/core/loopback.js";
import type { DatabaseSettings, Settings } from "../../shared/core/settings/settings.js";

/** A database that does not answer must not hold up the check. */
const limitMs = 10_000;
/** Of a limit of the edition: beyond this it is time to think of it. */
const nearLimitShare = 0.8;
const gibibyte = 1024 ** 3;

/** What the databases are compared with; both reject when that cannot be found out. */
export interface DatabaseSurroundings {
  readonly readSize: (database: DatabaseSettings, signal: AbortSignal) => ReturnType<typeof readDatabaseSize>;
  /** Bytes that are free on the disk of a path. */
  readonly readFreeBytes: (place: string) => Promise<number>;
}

export const realSurroundings: DatabaseSurroundings = {
  readSize: readDatabaseSize,
  readFreeBytes: async (place) => {
    const { bavail, bsize } = await statfs(place);
    return bavail * bsize;
  },
};

/**
 * Compares the database of this server, as large as it is now, with the room for a backup of it and for a backlog of it,
 * and with what its edition may hold; where it is on this server, its disk with the room for a journal. The other server's
 * database is not known here: whether a full copy of that fits into this one, nobody looks at. Asks, and changes nothing.
 */
export async function examineDatabases(
  { databases, stateDirectory }: Settings,
  surroundings: DatabaseSurroundings = realSurroundings,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    databases.map((database, index) => examineOne(database, `databases[${index}]`, stateDirectory, surroundings)),
  );
  return findings.flat();
}

async function examineOne(
  database: DatabaseSettings,
  key: string,
  stateDirectory: string,
  { readSize, readFreeBytes }: DatabaseSurroundings,
): Promise<readonly Finding[]> {
  const size = await readSize(database, AbortSignal.timeout(limitMs)).catch((error: unknown) => errorMessage(error));
  if (typeof size === "string") {
    const message = `the size of the database ${database.name} could not be compared with anything: ${size}`;
    return [{ key: `${key}.address`, grade: "notice", message, hint: "see that it answers, and check again" }];
  }
  const { bytes, limitBytes, place } = size;
  const room = async (at: string, path: string, purpose: string, neededBytes: number): Promise<readonly Finding[]> => {
    const freeBytes = await readFreeBytes(path).catch(() => undefined);
    if (freeBytes === undefined || freeBytes >= neededBytes) return [];
    const message = `${purpose} needs about ${shown(neededBytes)}, and ${shown(freeBytes)} are free at ${path}`;
    return [{ key: `${key}.${at}`, grade: "problem", message, hint: "make room there, or use another disk" }];
  };
  const backup = database.backupDirectory;
  const isHere = isLoopbackHost(database.address.host);
  const journalBytes = Math.min(database.journalLimitBytes, bytes);
  return [
    ...examineLimit(database.name, key, bytes, limitBytes),
    ...(backup === undefined ? [] : await room("backupDirectory", backup, `a backup of ${database.name}`, bytes)),
    // A journal names rows: what it makes travel at once is at most the database.
    ...(await room("journalLimitBytes", stateDirectory, `a backlog of ${database.name}`, journalBytes)),
    ...(isHere && place !== undefined
      ? await room("database", place, `the journal of ${database.name}`, database.journalLimitBytes)
      : []),
  ];
}

function examineLimit(name: string, key: string, bytes: number, limitBytes: number | undefined): readonly Finding[] {
  if (limitBytes === undefined || bytes < limitBytes * nearLimitShare) return [];
  const message = `the database ${name} has ${shown(bytes)}; its edition of SQL Server holds at most ${shown(limitBytes)}`;
  const grade = bytes < limitBytes ? "notice" : "problem";
  return [{ key: `${key}.database`, grade, message, hint: "make it smaller, or use another edition on both servers" }];
}

function shown(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}
