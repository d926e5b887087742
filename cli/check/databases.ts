import { readDatabaseSize } from "../../actor/database-scripts.js";
import type { Finding } from "../../shared/check/finding.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { isLoopbackHost } from "../../shared/core/loopback.js";
import type { DatabaseSettings, Settings } from "../../shared/core/settings/settings.js";
import type { SyncItemStatus } from "../../shared/core/status.js";
import { readFreeBytes } from "./folder-space.js";

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
  /** What the running actor knows of both sides; undefined when none answers. */
  readonly readItems: () => Promise<readonly SyncItemStatus[] | undefined>;
}

/** The real ones. */
export function surroundingsOf(readItems: DatabaseSurroundings["readItems"]): DatabaseSurroundings {
  return { readSize: readDatabaseSize, readFreeBytes, readItems };
}

/**
 * Compares the database of this server, as large as it is now, with the room for a backup of it and for a backlog of it,
 * and with what its edition may hold; where it is on this server, its disk with the room for a journal. Whether a full copy
 * fits on the other server is what its actor said last. Asks, and changes nothing.
 */
export async function examineDatabases(
  { databases, stateDirectory }: Settings,
  surroundings: DatabaseSurroundings,
): Promise<readonly Finding[]> {
  if (databases.length === 0) return [];
  const items = await surroundings.readItems();
  const findings = await Promise.all(
    databases.map(async (database, index) => {
      const key = `databases[${index}]`;
      const item = items?.find(({ kind, name }) => kind === "database" && name === database.name);
      return [
        ...(await examineOne(database, key, stateDirectory, surroundings)),
        ...examineOtherServer(database.name, key, item?.space),
      ];
    }),
  );
  return findings.flat();
}

/** A full copy needs the room, whether one is asked for by a person, an error or a failback. */
function examineOtherServer(name: string, key: string, space: SyncItemStatus["space"]): readonly Finding[] {
  if (space === undefined) {
    const message = `the size of the database ${name} was not compared with the room on the other server`;
    const hint =
      "run the check on the active server, with both actors running; the disk of a database server on another machine is not known";
    return [{ key: `${key}.database`, grade: "notice", message, hint }];
  }
  const roomBytes = space.targetBytes + space.targetRoomBytes;
  if (space.bytes <= roomBytes) return [];
  const message = `the database ${name} has ${shown(space.bytes)}, and the other server can hold ${shown(roomBytes)} of it`;
  const hint = "enlarge the disk of the other server, or use another edition there: a full copy would not fit";
  return [{ key: `${key}.database`, grade: "problem", message, hint }];
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
