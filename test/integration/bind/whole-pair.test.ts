import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { z } from "zod";
import type { Stage } from "../../../demo/stage.js";
import { ask } from "../../../demo/request.js";
import { drillReport, type DrillReport } from "../../../shared/core/drill.js";
import { type ServerName, serverNames } from "../../../shared/core/server-name.js";
import { type PostgresqlServer, startPostgresqlServer } from "../../support/postgresql-server.js";
import { ProcessPair } from "../../support/process-pair.js";

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

/** The next full minute, and what a drill takes on a busy machine. */
const drillLimitMs = 180_000;

async function drillsOf({ layout, pair }: Stage, server: ServerName): Promise<readonly DrillReport[]> {
  const { host, adminPort: port } = layout.servers[server];
  const headers = { authorization: `Bearer ${pair.tokens.operator}` };
  const { body } = await ask({ host, port, method: "GET", path: "/v1/drills", headers, limitMs: 10_000 });
  return z.object({ drills: z.array(drillReport) }).parse(JSON.parse(body)).drills;
}

test("with a BIND a pair holds a drill by the calendar, switches over, switches back and fails over, and the name follows", async () => {
  pair = await ProcessPair.set({ postgresql, nameServer: "bind" });
  const { stage } = pair;
  // One at each minute: those that meet an operation give way to it.
  for (const server of serverNames)
    pair.editSettings(server, (settings) => {
      settings.drill = { schedule: "* * * * *" };
    });
  await Promise.all(serverNames.map((server) => stage.startActor(server)));
  await pair.begin();

  // A minute may have begun before the spare held a whole copy, or before both servers knew: that drill has failed, and rightly.
  const knownAtMs = Date.now() + 10_000;
  const drillSinceThen = async (): Promise<DrillReport | undefined> =>
    (await drillsOf(stage, "secondary")).findLast(
      ({ startedAtMs, result }) => startedAtMs >= knownAtMs && result !== "running",
    );
  await pair.untilTrue("the spare has held a drill", async () => (await drillSinceThen()) !== undefined, drillLimitMs);
  const drill = await drillSinceThen();
  expect(drill).toMatchObject({ requestedBy: "the schedule", result: "passed", because: "" });
  expect(await drillsOf(stage, "primary")).toEqual([]);
  expect(await pair.problems("primary")).toEqual([]);

  for (const kind of ["switch-to-secondary", "switch-to-primary"] as const) {
    const to = kind === "switch-to-primary" ? "primary" : "secondary";
    const both = pair;
    await pair.request(kind);
    await pair.untilTrue(`${kind} has ended`, async () => (await both.endedOperations(kind, serverNames)).length === 2);
    expect((await pair.endedOperations(kind, serverNames)).map(({ state }) => state)).toEqual(["done", "done"]);
    await pair.untilWrites(to);
    expect(await pair.problems(to)).toEqual([]);
  }

  // The client rests, so that the loss of the primary cannot take anything with it that was not yet carried over.
  const tested = pair;
  await pair.client.stop();
  await pair.untilTrue("the secondary has everything", async () => (await tested.different()).length === 0);
  await stage.loseServer("primary");
  const hasFailedOver = async (): Promise<boolean> =>
    (await tested.endedOperations("failover", ["secondary"])).length === 1;
  await pair.untilTrue("the failover has ended", hasFailedOver);
  await pair.untilTrue("the secondary serves", () => stage.isServing("secondary"));
  expect(await pair.problems("secondary")).toEqual([]);

  await stage.startActor("primary");
  const isPassive = async (): Promise<boolean> => (await stage.status("primary"))?.state === "switched";
  await pair.untilTrue("the old primary has read that it lost the name", isPassive);
  expect(await pair.problems("secondary")).toEqual([]);
  // What the secondary has taken since is brought back by a failback alone.
  expect((await pair.finish()).dualActiveSeconds).toBe(0);
}, 600_000);
