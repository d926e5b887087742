import { afterEach, expect, test } from "@jest/globals";
import type { DataRole } from "../../../actor/core/data-role.js";
import type { SyncPart } from "../../../actor/sync-part.js";
import { requireRolesTaken, runDataWatch } from "../../../actor/watch/data-watch.js";
import { AppError } from "../../../shared/core/app-error.js";
import type { ServerName } from "../../../shared/core/server-name.js";
import { aStatus } from "../../support/fake-actor.js";
import { benchContext, firstRecord } from "../../support/context-bench.js";
import { settled } from "../../support/manual-clock.js";

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
});

/** A part that remembers which roles it was given, and takes them up as the test says. */
class RememberingPart {
  readonly roles: DataRole[] = [];
  take: (role: DataRole) => Promise<void> = () => Promise.resolve();

  constructor(readonly name: SyncPart["name"]) {}

  setRole(role: DataRole): Promise<void> {
    this.roles.push(role);
    return this.take(role);
  }
}

async function watch(server: ServerName, prepare: (files: RememberingPart) => void = () => undefined) {
  const [files, database] = [new RememberingPart("files"), new RememberingPart("database")];
  prepare(files);
  const bench = await benchContext(server, {
    // The watch gives roles and asks nothing else of a part.
    prepare: (ports) => Object.assign(ports, { parts: [files, database] as unknown as SyncPart[] }),
  });
  bench.context.situation.isFirstConfirmationOver = true;
  const begin = async (): Promise<void> => {
    void runDataWatch(bench.context);
    await settled();
  };
  stop = () => {
    bench.stopping.abort();
  };
  return { ...bench, files, database, begin };
}

const source: DataRole = { role: "source", epoch: 1, continuous: true };
const target: DataRole = { role: "target", epoch: 1 };

test.each([
  { server: "primary" as const, role: source },
  { server: "secondary" as const, role: target },
])("each part of the $server takes up its role once", async ({ server, role }) => {
  const { ports, files, database, begin } = await watch(server);
  await begin();
  await ports.clock.advance(60);
  expect([files.roles, database.roles]).toEqual([[role], [role]]);
  expect(ports.events()).toEqual(["data-role", "data-role"]);
});

test("no role is given before the first round of questions is over: what was kept may be old", async () => {
  const { ports, files, context, begin } = await watch("primary");
  context.situation.isFirstConfirmationOver = false;
  await begin();
  await ports.clock.advance(60);
  expect(files.roles).toEqual([]);
  await context.store.change((facts) => ({ ...facts, record: { epoch: 2, active: "secondary", operationId: "x" } }));
  context.situation.isFirstConfirmationOver = true;
  await ports.clock.advance(1);
  expect(files.roles).toEqual([{ role: "target", epoch: 2 }]);
});

test("a role that follows from a newer record is taken up within half a second", async () => {
  const { ports, files, context, begin } = await watch("secondary");
  await begin();
  const record = { ...firstRecord, epoch: 2 };
  await context.store.change((facts) => ({ ...facts, record }));
  await ports.clock.advance(0.5);
  expect(files.roles).toEqual([target, { role: "target", epoch: 2 }]);
});

test("an error of configuration that only the peer has found stops the source, too", async () => {
  const { ports, files, context, begin } = await watch("primary");
  await begin();
  context.situation.peerStatus = {
    ...aStatus,
    configurationErrors: [{ reason: "clocks", because: "", sinceMs: 1, isLasting: true }],
  };
  await ports.clock.advance(0.5);
  expect(files.roles).toEqual([source, { ...source, continuous: false }]);
});

test("a part that cannot take up its role is asked again, and does not hold up the other one", async () => {
  const { ports, files, database, begin, context } = await watch("secondary", (part) => {
    part.take = () => Promise.reject(new AppError("DATABASE_UNREACHABLE", "away"));
  });
  await begin();
  await ports.clock.advance(1);
  expect(files.roles).toEqual([target, target, target]);
  expect(database.roles).toEqual([target]);
  expect(() => {
    requireRolesTaken(context);
  }).toThrow("has not taken up its role yet: files");
  files.take = () => Promise.resolve();
  await ports.clock.advance(0.5);
  expect(() => {
    requireRolesTaken(context);
  }).not.toThrow();
});

test("while a part changes its role, an operation must not go on with the former one", async () => {
  let take: () => void = () => undefined;
  const { ports, files, context, begin } = await watch("secondary");
  await begin();
  requireRolesTaken(context);
  files.take = () => new Promise((resolve) => (take = resolve));
  await context.store.change((facts) => ({ ...facts, record: { ...firstRecord, epoch: 2 } }));
  expect(() => {
    requireRolesTaken(context);
  }).toThrow("files, database");
  await ports.clock.advance(0.5);
  expect(() => {
    requireRolesTaken(context);
  }).toThrow(/: files$/);
  take();
  await settled();
  requireRolesTaken(context);
});

test("a part that is still on the way to another role has not the former one, even when that is wanted again", async () => {
  const { ports, files, context, begin } = await watch("primary");
  await begin();
  requireRolesTaken(context);
  files.take = () => new Promise(() => undefined);
  await context.store.change((facts) => ({ ...facts, isEnabled: false }));
  await ports.clock.advance(0.5);
  await context.store.change((facts) => ({ ...facts, isEnabled: true }));
  expect(() => {
    requireRolesTaken(context);
  }).toThrow(/files/);
});
