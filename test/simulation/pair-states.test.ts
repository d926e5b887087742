import { beforeEach, describe, expect, test } from "@jest/globals";
import type { ServerName } from "../../shared/core/server-name.js";
import type { ActorStatus } from "../../shared/core/status.js";
import { World } from "./world.js";

let world: World;
let nowSeconds: number;

beforeEach(() => {
  world = new World(1);
  nowSeconds = 0;
});

/** Both servers, and the primary owns the name. */
async function start(): Promise<void> {
  void world.start();
  await pass(30);
}

async function pass(seconds: number): Promise<void> {
  nowSeconds += seconds;
  await world.runUntil(nowSeconds);
}

function statusOf(server: ServerName): ActorStatus {
  const status = world.host(server).actor?.status();
  if (!status) throw new Error(`the ${server}'s actor does not run`);
  return status;
}

const states = (): string[] => [statusOf("primary").state, statusOf("secondary").state];
const peerStates = (): string[] => [statusOf("primary").peer.state, statusOf("secondary").peer.state];
const reasons = (server: ServerName): string[] => statusOf(server).configurationErrors.map(({ reason }) => reason);
const missingRows = (): number =>
  [...world.host("primary").data.rows].filter((row) => !world.host("secondary").data.rows.has(row)).length;

async function markChecked(server: ServerName): Promise<void> {
  void world.host(server).actor?.markChecked("olga");
  await pass(10);
}

describe("states of both servers", () => {
  test("each change of the peer's state is one line in the log", async () => {
    await start();
    world.host("secondary").powerOff();
    await pass(20);
    await world.host("secondary").powerOn();
    await pass(20);
    const changes = world
      .host("primary")
      .log.filter((line) => line.includes(" peer-state-changed "))
      .map((line) => JSON.parse(line.slice(line.indexOf("{"))) as { from: string; to: string });
    const states = ["unknown", "working_with_errors", "working", "inactive", "working"];
    expect(changes.map(({ from }) => from)).toEqual(states.slice(0, -1));
    expect(changes.map(({ to }) => to)).toEqual(states.slice(1));
  });

  test("unknown, working, stopped, and inactive", async () => {
    void world.host("primary").powerOn();
    await pass(5);
    expect(statusOf("primary").peer.state).toBe("unknown");
    await start();
    expect([states(), peerStates()]).toEqual([
      ["working", "working"],
      ["working", "working"],
    ]);
    void world.host("secondary").actor?.stop("SIGTERM");
    await pass(5);
    world.host("secondary").powerOff();
    await pass(30);
    expect(statusOf("primary").peer).toMatchObject({ state: "stopped", isConnected: false });
    void world.host("secondary").powerOn();
    await pass(10);
    expect(statusOf("primary").peer.state).toBe("working");
    world.host("secondary").powerOff();
    await pass(10);
    expect(statusOf("primary").peer.state).toBe("inactive");
  });

  test("turned off on one server turns the pair off: nothing is copied and nothing fails over, until it is turned on", async () => {
    await start();
    void world.host("secondary").actor?.setEnabled(false, "olga", "maintenance");
    await pass(10);
    expect(states()).toEqual(["turned_off", "turned_off"]);
    const missing = missingRows();
    await pass(10);
    expect(missingRows()).toBeGreaterThan(missing + 10);
    world.host("primary").powerOff();
    await pass(300);
    expect([world.failovers, statusOf("secondary").active]).toEqual([0, "primary"]);
    void world.host("primary").powerOn();
    await pass(20);
    void world.host("primary").actor?.setEnabled(true, "olga", "done");
    await pass(20);
    expect([states(), missingRows()]).toEqual([["working", "working"], expect.any(Number)]);
    expect(missingRows()).toBeLessThan(5);
  });

  test("switching and switched, there and back", async () => {
    await start();
    const seen = new Set<string>();
    const request = async (kind: "switch-to-secondary" | "switch-to-primary"): Promise<void> => {
      const asked = { kind, requestedBy: "olga", reason: "test", isDryRun: false };
      void world.host("primary").actor?.requestOperation(asked);
      for (let second = 0; second < 120; second += 1) {
        await pass(0.5);
        seen.add(statusOf("primary").state);
      }
    };
    await request("switch-to-secondary");
    expect(states()).toEqual(["switched", "switched"]);
    await request("switch-to-primary");
    expect(states()).toEqual(["working", "working"]);
    expect([...seen]).toEqual(expect.arrayContaining(["switching_to_secondary", "switching_to_primary"]));
  });
});

describe("configuration errors", () => {
  test.each<[string, (on: World) => void]>([
    ["clocks-apart", (on) => (on.host("secondary").wallOffsetMs = 31_000)],
    ["time-zones-differ", (on) => (on.host("secondary").timeZone = "Asia/Tokyo")],
    ["same-roles", (on) => (on.host("secondary").claimedName = "primary")],
  ])("%s is named on both servers", async (reason, plant) => {
    plant(world);
    await start();
    expect([reasons("primary"), reasons("secondary")]).toEqual([[reason], [reason]]);
    expect(states()).toEqual(["configuration_error", "configuration_error"]);
  });

  test("the clocks may be apart as far as the setting allows", async () => {
    world.host("secondary").wallOffsetMs = 29_000;
    await start();
    expect(states()).toEqual(["working", "working"]);
  });

  test("a second server of the active one's role does not start", async () => {
    await start();
    world.host("secondary").powerOff();
    world.host("secondary").document = undefined;
    world.host("secondary").claimedName = "primary";
    void world.host("secondary").powerOn();
    await pass(60);
    expect(reasons("secondary")).toEqual(["same-roles"]);
    expect(world.servingHosts()).toEqual(["primary"]);
  });

  test("a name that points to neither server for long is named", async () => {
    await start();
    world.host("primary").addressSeen = "192.0.2.99";
    await pass(25);
    expect(reasons("primary")).toEqual([]);
    await pass(20);
    expect(reasons("primary")).toEqual(["name-points-to-neither"]);
  });

  test("a fatal error stops synchronisation and automatic switching until a person has looked", async () => {
    await start();
    for (const name of ["primary", "secondary"] as const) world.host(name).dataProblem = "a table without a key";
    await pass(12);
    expect([reasons("primary"), reasons("secondary")]).toEqual([["fatal-database-error"], ["fatal-database-error"]]);
    const missing = missingRows();
    await pass(60);
    expect(missingRows()).toBeGreaterThan(missing + 10);
    await markChecked("secondary");
    expect(states()).toEqual(["configuration_error", "configuration_error"]);
    for (const name of ["primary", "secondary"] as const) world.host(name).dataProblem = "";
    await pass(120);
    expect(states()).toEqual(["configuration_error", "configuration_error"]);
    world.host("primary").powerOff();
    await pass(120);
    expect(world.failovers).toBe(0);
    void world.host("primary").powerOn();
    await pass(20);
    // Said to one server, it holds for the pair.
    await markChecked("secondary");
    expect(states()).toEqual(["working", "working"]);
    expect(missingRows()).toBeLessThan(5);
  });

  test("one that is over with the second try is none, however often it comes", async () => {
    await start();
    for (let time = 0; time < 5; time += 1) {
      world.host("primary").dataProblem = "a statement failed";
      await pass(8);
      world.host("primary").dataProblem = "";
      await pass(4);
    }
    expect([reasons("primary"), reasons("secondary")]).toEqual([[], []]);
    expect(states()).toEqual(["working", "working"]);
  });

  test("with the setting it ends by itself, when it has stayed away for a while", async () => {
    world.pairSettings = { configurationErrorClearsItself: true };
    await start();
    world.host("primary").dataProblem = "a table without a key";
    await pass(12);
    world.host("primary").dataProblem = "";
    await pass(20);
    expect(reasons("primary")).toEqual(["fatal-database-error"]);
    await pass(20);
    expect(states()).toEqual(["working", "working"]);
  });
});

test("another version of the same protocol is a warning, and synchronisation goes on", async () => {
  world.host("secondary").version = "simulated-2";
  await start();
  expect([states(), reasons("primary")]).toEqual([["working_with_errors", "working_with_errors"], []]);
  expect(statusOf("primary").because).toContain("the other one simulated-2");
  expect(world.host("primary").log.filter((line) => line.includes("versions-differ"))).toHaveLength(1);
  await pass(10);
  expect(missingRows()).toBeLessThan(5);
});
