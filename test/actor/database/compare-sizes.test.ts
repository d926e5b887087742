import { tmpdir } from "node:os";
import { expect, test } from "@jest/globals";
import { compareSizes, readRoom } from "../../../actor/database/compare-sizes.js";
import type { DatabaseEngine, EngineSize } from "../../../actor/database/engine.js";
import { emptySource, statusOf, type StatusFacts } from "../../../actor/database/sync-status.js";
import { testSettings } from "../../support/database-fixture.js";
import { MemoryLink } from "../../support/memory-link.js";

const { signal } = new AbortController();

function serverWith(size: Partial<EngineSize>, host = "127.0.0.1") {
  const whole = { bytes: 100, limitBytes: undefined, place: undefined, ...size };
  const engine = { databaseSize: () => Promise.resolve(whole) } as unknown as DatabaseEngine;
  return { engine, settings: testSettings("sqlserver", 1433, "shop", { address: { host, port: 1433 } }) };
}

test.each([
  { when: "nothing is known of it", size: {}, roomBytes: null },
  { when: "its edition has a limit", size: { limitBytes: 150 }, roomBytes: 50 },
  { when: "it is beyond the limit of its edition", size: { limitBytes: 60 }, roomBytes: 0 },
  { when: "its disk is not here", size: { place: tmpdir() }, host: "db.example", roomBytes: null },
  { when: "its disk cannot be looked at", size: { place: "/does/not/exist" }, roomBytes: null },
  { when: "its disk has more room than its edition allows", size: { place: tmpdir(), limitBytes: 101 }, roomBytes: 1 },
])("a database has room for $roomBytes when $when", async ({ size, host, roomBytes }) => {
  expect(await readRoom(serverWith(size, host), signal)).toEqual({ bytes: 100, roomBytes });
});

test("a database whose disk is here has what is free there", async () => {
  const { roomBytes } = await readRoom(serverWith({ place: tmpdir() }), signal);
  expect(roomBytes).toBeGreaterThan(1_000_000);
});

function askedOf(room: { readonly bytes: number; readonly roomBytes: number | null }) {
  const link = new MemoryLink();
  link.handlers = { "database/room": () => Promise.resolve({ fields: room }) };
  return compareSizes({ ...serverWith({}), link }, 3, signal);
}

test("a source sets its size beside the target's and the target's room, and shows all three", async () => {
  const space = await askedOf({ bytes: 40, roomBytes: 7 });
  expect(space).toEqual({ bytes: 100, targetBytes: 40, targetRoomBytes: 7 });
  const facts = { role: "source", source: { ...emptySource, space }, verification: {} } as unknown as StatusFacts;
  expect(statusOf(facts).space).toEqual(space);
});

test("a source says nothing where the target cannot tell", async () => {
  expect(await askedOf({ bytes: 40, roomBytes: null })).toBeUndefined();
});
