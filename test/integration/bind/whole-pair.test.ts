import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { serverNames } from "../../../shared/core/server-name.js";
import { type PostgresqlServer, startPostgresqlServer } from "../../support/postgresql-server.js";
import { ProcessPair } from "../../support/process-pair.js";

let postgresql: PostgresqlServer;
let pair: ProcessPair | undefined;
beforeAll(async () => {
  postgresql = await startPostgresqlServer();
}, 60_000);
afterEach(async () => {
  await pair?.end();
}, 60_000);
afterAll(async () => {
  await postgresql.stop();
});

test("with a BIND a pair switches over, switches back and fails over, and the name follows", async () => {
  pair = await ProcessPair.set({ postgresql, nameServer: "bind" });
  const { stage } = pair;
  await Promise.all(serverNames.map((server) => stage.startActor(server)));
  await pair.begin();
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
