import { expect, test } from "@jest/globals";
import { examineDatabases } from "../../cli/check/databases.js";
import { AppError } from "../../shared/core/app-error.js";
import type { SyncItemStatus } from "../../shared/core/status.js";
import { testSettings } from "../support/database-fixture.js";
import { sampleSettings } from "../support/sample-settings.js";

const gibibyte = 1024 ** 3;

/** Sizes in GiB. The disk of the backups, of the state and of the database have names of their own. */
interface Case {
  readonly when: string;
  readonly bytes?: number;
  readonly limit?: number;
  readonly place?: string;
  readonly host?: string;
  readonly free?: Readonly<Record<string, number>>;
  /** Ours, the target's, and its room. Null: no actor has told. */
  readonly space?: readonly [number, number, number] | null;
  readonly found: readonly string[];
}

function anItem([bytes, targetBytes, targetRoomBytes]: readonly [number, number, number]): SyncItemStatus {
  const space = {
    bytes: bytes * gibibyte,
    targetBytes: targetBytes * gibibyte,
    targetRoomBytes: targetRoomBytes * gibibyte,
  };
  return { kind: "database", name: "shop", space } as unknown as SyncItemStatus;
}

const plenty = { "/backups": 1000, "/state": 1000, "/data": 1000 };

test.each<Case>([
  { when: "there is room for everything", found: [] },
  { when: "a backup just fits", bytes: 8, free: { "/backups": 8 }, found: [] },
  {
    when: "a backup does not fit",
    bytes: 8,
    free: { "/backups": 7.9 },
    found: ["problem databases[0].backupDirectory"],
  },
  {
    when: "a backlog does not fit",
    bytes: 8,
    free: { "/state": 3.9 },
    found: ["problem databases[0].journalLimitBytes"],
  },
  { when: "a backlog is no larger than the database", bytes: 2, free: { "/state": 2 }, found: [] },
  { when: "the journal does not fit", free: { "/data": 3.9 }, found: ["problem databases[0].database"] },
  { when: "the database is elsewhere", host: "db.example", free: { "/data": 0 }, found: [] },
  { when: "nobody says where it is", place: "", free: { "/data": 0 }, found: [] },
  { when: "a disk cannot be asked", free: { "/backups": NaN }, found: [] },
  { when: "it is small for its edition", bytes: 7.9, limit: 10, found: [] },
  { when: "it is near the limit of its edition", bytes: 8, limit: 10, found: ["notice databases[0].database"] },
  { when: "it is at the limit of its edition", bytes: 10, limit: 10, found: ["problem databases[0].database"] },
  { when: "a full copy just fits on the other server", space: [8, 2, 6], found: [] },
  { when: "it does not fit on the other server", space: [8, 2, 5.9], found: ["problem databases[0].database"] },
  { when: "nobody knows the other server's", space: null, found: ["notice databases[0].database"] },
])("when $when: $found", async ({ bytes = 4, limit, place = "/data", host = "127.0.0.1", free, space, found }) => {
  const database = testSettings("sqlserver", 1433, "shop", {
    address: { host, port: 1433 },
    backupDirectory: "/backups",
    journalLimitBytes: 4 * gibibyte,
  });
  const rooms: Readonly<Record<string, number>> = { ...plenty, ...free };
  const findings = await examineDatabases(
    { ...sampleSettings(), stateDirectory: "/state", databases: [database] },
    {
      readSize: () =>
        Promise.resolve({
          bytes: bytes * gibibyte,
          limitBytes: limit === undefined ? undefined : limit * gibibyte,
          place: place === "" ? undefined : place,
        }),
      readFreeBytes: (at) => {
        const room = rooms[at];
        return room === undefined || Number.isNaN(room)
          ? Promise.reject(new Error("no disk"))
          : Promise.resolve(room * gibibyte);
      },
      readItems: () => Promise.resolve(space === null ? undefined : [anItem(space ?? [4, 4, 100])]),
    },
  );
  expect(findings.map(({ grade, key }) => `${grade} ${key}`)).toEqual(found);
});

test("a database that does not answer is a notice with its reason", async () => {
  const databases = [testSettings("postgresql", 1, "shop")];
  const [finding] = await examineDatabases(
    { ...sampleSettings(), databases },
    {
      readSize: () => Promise.reject(new AppError("DATABASE_UNREACHABLE", "database shop: connection refused")),
      readFreeBytes: () => Promise.resolve(0),
      readItems: () => Promise.resolve(undefined),
    },
  );
  expect(finding).toMatchObject({ grade: "notice", key: "databases[0].address" });
  expect(finding?.message).toContain("connection refused");
});
