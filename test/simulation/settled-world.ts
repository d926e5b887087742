import { expect } from "@jest/globals";
import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import type { OperationAnswer } from "../../actor/actor-api.js";
import type { OperationKind } from "../../shared/core/status.js";
import type { Place } from "./simulated-network.js";
import { World } from "./world.js";

/** Words for scenarios: a pair in which the primary serves, and what is done to it and expected of it. */
export async function settledWorld(prepare: (world: World) => void = () => undefined): Promise<World> {
  const world = new World(42);
  prepare(world);
  await world.start();
  await pass(world, 30);
  expect(world.servingHosts()).toEqual(["primary"]);
  return world;
}

export function pass(world: World, seconds: number, isOver?: () => boolean): Promise<boolean> {
  return world.runUntil(world.time.nowMs / 1000 + seconds, isOver);
}

export function isolate(world: World, place: Place): () => void {
  const others = (["primary", "secondary", "update-server"] as const).filter((other) => other !== place);
  for (const other of others) {
    world.network.cut(place, other);
    world.network.cut(other, place);
  }
  return () => {
    for (const other of others) {
      world.network.mend(place, other);
      world.network.mend(other, place);
    }
  };
}

/** When an event was first logged by a server, in seconds; NaN: never. */
export function firstAt(world: World, server: ServerName, event: string): number {
  const line = world.host(server).log.find((text) => text.includes(` ${event} `));
  return line === undefined ? NaN : Number(line.split(" ")[0]);
}

export async function request(world: World, at: ServerName, kind: OperationKind): Promise<OperationAnswer> {
  let answer: OperationAnswer | undefined;
  const asked = world.host(at).actor!.requestOperation({ kind, requestedBy: "olga", reason: "test", isDryRun: false });
  void asked.then((given) => (answer = given));
  await pass(world, 10, () => answer !== undefined);
  return answer!;
}

export function isStep(world: World, server: ServerName, name: string, state: string): boolean {
  const operation = world.host(server).actor?.operations()[0];
  return operation?.endedAtMs === 0 && operation.steps.some((step) => step.name === name && step.state === state);
}

export function expectServingAlone(world: World, owner: ServerName): void {
  expect(world.servingHosts()).toEqual([owner]);
  expect(world.nameServer.record?.active).toBe(owner);
  expect(world.nameServer.address).toBe(owner);
  expect([...world.violations, ...world.nameServer.violations]).toEqual([]);
  expect(world.dualActiveSeconds).toBe(0);
  for (const name of serverNames) {
    expect(
      world
        .host(name)
        .actor?.operations()
        .filter(({ endedAtMs }) => endedAtMs === 0) ?? [],
    ).toEqual([]);
  }
}
