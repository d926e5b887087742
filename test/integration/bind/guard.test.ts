import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { serverNames } from "../../../shared/core/server-name.js";
import { type PostgresqlServer, startPostgresqlServer } from "../../support/postgresql-server.js";
import { patientOwnership, ProcessPair } from "../../support/process-pair.js";

let postgresql: PostgresqlServer;
let pair: ProcessPair | undefined;
beforeAll(async () => {
  postgresql = await startPostgresqlServer();
}, 120_000);
afterEach(async () => {
  await pair?.end();
}, 120_000);
afterAll(async () => {
  await postgresql.stop();
});

test("the guard keeps the application of a dead actor up while the record confirms it, and stops it when not", async () => {
  const ownership = { ...patientOwnership, guard: true };
  // The spare would rightly take over a server whose application its guard has stopped: here the record must stay.
  const settings = { ownership, failover: { allowedUnavailabilitySeconds: 300 } };
  const tested = await ProcessPair.set({ postgresql, nameServer: "bind", settings });
  pair = tested;
  const { stage } = tested;
  for (const server of serverNames) stage.startGuard(server);
  const [actor] = await Promise.all(serverNames.map((server) => stage.startActor(server)));
  await tested.begin();
  const isGuarded = async (): Promise<boolean> => (await stage.status("primary"))?.guard.isRunning === true;
  await tested.untilTrue("the actor sees its guard", isGuarded);
  expect((await stage.status("primary"))?.exclusion.kind).toBe("proof");

  await actor!.kill();
  const guardLog = (): string => tested.log("primary-guard");
  await tested.untilTrue("the guard takes over", () => guardLog().includes('"event":"guarding"'));
  // Twice the fence: only the guard's own confirmations can have kept it up.
  const untilMs = performance.now() + ownership.selfFenceSeconds * 2000;
  await tested.untilTrue("twice the fence has passed", () => performance.now() > untilMs);
  expect(await stage.isServing("primary")).toBe(true);

  tested.freezeNameServer();
  const frozenAtMs = performance.now();
  await tested.untilTrue("the application is stopped", async () => !(await stage.isServing("primary")));
  expect(performance.now() - frozenAtMs).toBeGreaterThan((ownership.selfFenceSeconds - 3) * 1000);
  expect(guardLog()).toContain('"event":"guard-stops-managed-system"');
  expect(await stage.isServing("secondary")).toBe(false);

  tested.thawNameServer();
  await stage.startActor("primary");
  await tested.untilTrue("it serves again", () => stage.isServing("primary"));
  expect((await tested.finish()).dualActiveSeconds).toBe(0);
}, 300_000);
