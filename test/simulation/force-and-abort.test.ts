import { describe, expect, test } from "@jest/globals";
import type { OperationAnswer } from "../../actor/actor-api.js";
import type { ServerName } from "../../shared/core/server-name.js";
import { expectServingAlone, isolate, isStep, pass, request, settledWorld } from "./settled-world.js";
import type { World } from "./world.js";

async function ask(world: World, asked: Promise<OperationAnswer> | undefined): Promise<OperationAnswer> {
  let answer: OperationAnswer | undefined;
  void asked?.then((given) => (answer = given));
  await pass(world, 40, () => answer !== undefined);
  return answer!;
}

function force(world: World, to: ServerName, isPeerOff = false): Promise<OperationAnswer> {
  const kind = to === "primary" ? "force-to-primary" : "force-to-secondary";
  const requested = { kind, requestedBy: "olga", reason: "test", isDryRun: false, isPeerOff } as const;
  return ask(world, world.host(to).actor?.requestOperation(requested));
}

function isAtRest(world: World): boolean {
  return (["primary", "secondary"] as const).every((name) =>
    (world.host(name).actor?.operations() ?? []).every(({ endedAtMs }) => endedAtMs > 0),
  );
}

async function switchedWorld(): Promise<World> {
  const world = await settledWorld();
  await request(world, "primary", "switch-to-secondary");
  await pass(world, 120, () => isAtRest(world) && world.nameServer.address === "secondary");
  return world;
}

describe("a forced takeover", () => {
  test("from a connected server that serves makes it stop first", async () => {
    const world = await settledWorld();
    expect((await force(world, "secondary")).kind).toBe("accepted");
    await pass(world, 120, () => isAtRest(world));
    expectServingAlone(world, "secondary");
  });

  test("from a connected server that serves is refused when a person says that it is stopped", async () => {
    const world = await settledWorld();
    const answer = await force(world, "secondary", true);
    expect(answer).toMatchObject({
      kind: "refused",
      hint: expect.stringContaining("without --peer-is-off") as unknown,
    });
    await pass(world, 60);
    expectServingAlone(world, "primary");
  });

  test("back from a switched secondary that is away is refused: it would serve on", async () => {
    const world = await switchedWorld();
    isolate(world, "secondary");
    await pass(world, 30);
    const answer = await force(world, "primary");
    expect(answer).toMatchObject({ kind: "refused", hint: expect.stringContaining("--peer-is-off") as unknown });
    expect(world.nameServer.record?.active).toBe("secondary");
  });

  test("back from a switched secondary that a person says is off goes on without it", async () => {
    const world = await switchedWorld();
    world.host("secondary").powerOff();
    await pass(world, 30);
    expect((await force(world, "primary", true)).kind).toBe("accepted");
    await pass(world, 120, () => isAtRest(world));
    expect([world.servingHosts(), world.nameServer.address]).toEqual([["primary"], "primary"]);
    await world.host("secondary").powerOn();
    await pass(world, 60);
    expect(world.servingHosts()).toEqual(["primary"]);
    expect(world.dualActiveSeconds).toBe(0);
  });

  test("whose connection breaks waits for the other server's word, however long, and two never serve", async () => {
    const world = await switchedWorld();
    // It cannot be told to stop in time: its application stops long after the claim.
    expect((await force(world, "primary")).kind).toBe("accepted");
    await pass(world, 30, () => isStep(world, "primary", "claim-ownership", "running"));
    const mend = isolate(world, "secondary");
    await pass(world, 300);
    expect(world.servingHosts()).toEqual(["secondary"]);
    mend();
    await pass(world, 120, () => isAtRest(world));
    expectServingAlone(world, "primary");
  });

  test("past a promise waits for the word of the server that relies on it", async () => {
    const world = await settledWorld();
    void world.host("secondary").actor!.setEnabled(false, "olga", "test");
    await pass(world, 20);
    isolate(world, "primary");
    await pass(world, 60);
    expect(await force(world, "secondary")).toMatchObject({ kind: "refused" });
    expect(world.servingHosts()).toEqual(["primary"]);
  });
});

describe("an operation that is aborted", () => {
  test.each(["synchronise-ahead", "stop-managed-system", "close-source-database", "drain"])(
    "at %s is undone, and the application serves where it served",
    async (step) => {
      const world = await settledWorld();
      await request(world, "primary", "switch-to-secondary");
      await pass(world, 60, () => isStep(world, "primary", step, "running"));
      const { id } = world.host("primary").actor!.operations()[0]!;
      const answer = await ask(world, world.host("secondary").actor?.abortOperation(id, "otto"));
      expect(answer.kind).toBe("accepted");
      await pass(world, 120, () => isAtRest(world) && world.servingHosts().length > 0);
      const last = world.host("primary").actor!.operations()[0];
      expect(last).toMatchObject({ state: "undone", because: "aborted by otto" });
      expectServingAlone(world, "primary");
    },
  );

  test("while it is handed over is undone, or goes on when the target has claimed meanwhile", async () => {
    const world = await settledWorld();
    await request(world, "primary", "switch-to-secondary");
    await pass(world, 60, () => isStep(world, "primary", "hand-over", "running"));
    const { id } = world.host("primary").actor!.operations()[0]!;
    await ask(world, world.host("primary").actor?.abortOperation(id, "otto"));
    await pass(world, 120, () => isAtRest(world) && world.servingHosts().length > 0);
    const { state } = world.host("primary").actor!.operations()[0]!;
    expectServingAlone(world, state === "undone" ? "primary" : "secondary");
  });

  test("after the claim goes on: there is no way back", async () => {
    const world = await settledWorld();
    await request(world, "primary", "switch-to-secondary");
    await pass(world, 60, () => isStep(world, "secondary", "promote-target", "running"));
    const { id } = world.host("secondary").actor!.operations()[0]!;
    for (const server of ["primary", "secondary"] as const) {
      expect((await ask(world, world.host(server).actor?.abortOperation(id, "otto"))).kind).toBe("refused");
    }
    await pass(world, 120, () => isAtRest(world));
    expectServingAlone(world, "secondary");
  });
});

test("asked by two operators at both servers and by another at once, one operation runs and all get its id", async () => {
  const world = await settledWorld();
  const asks = (["primary", "secondary", "primary", "secondary"] as const).map((server) =>
    request(world, server, "switch-to-secondary"),
  );
  const answers = await Promise.all(asks);
  const ids = answers.map((answer) => ("operation" in answer ? answer.operation.id : answer.kind));
  expect(new Set(ids).size).toBe(1);
  expect(answers.map(({ kind }) => kind).sort()).toEqual(["accepted", "running", "running", "running"]);
  await pass(world, 120, () => isAtRest(world));
  expectServingAlone(world, "secondary");
});
