import { expect } from "@jest/globals";
import { planSwitchover } from "../../actor/core/switchover-plan.js";
import { type ServerName, serverNames } from "../../shared/core/server-name.js";
import type { OperationKind } from "../../shared/core/status.js";
import { KeptActors } from "./kept-actors.js";
import { type PostgresqlServer, startPostgresqlServer } from "./postgresql-server.js";
import { ProcessPair, type SettingsChange } from "./process-pair.js";

const operationLimitMs = 600_000;

/** One pair whose actors are killed at every step of an operation and started again; its own database server. */
export class KillBench {
  readonly #postgresql: PostgresqlServer;
  #running: { readonly pair: ProcessPair; readonly actors: KeptActors } | undefined;

  private constructor(postgresql: PostgresqlServer) {
    this.#postgresql = postgresql;
  }

  static async set(): Promise<KillBench> {
    return new KillBench(await startPostgresqlServer());
  }

  async bringUp(settings: SettingsChange = {}): Promise<{ readonly pair: ProcessPair; readonly actors: KeptActors }> {
    const pair = await ProcessPair.set({ postgresql: this.#postgresql, nameServer: "embedded", settings });
    const actors = new KeptActors(pair);
    const running = { pair, actors };
    this.#running = running;
    await Promise.all(serverNames.map((server) => actors.start(server)));
    await pair.begin();
    return running;
  }

  /** Ends the pair, if one was brought up. */
  async takeDown(): Promise<void> {
    await this.#running?.actors.leaveAll();
    await this.#running?.pair.end();
    this.#running = undefined;
  }

  async end(): Promise<void> {
    await this.#postgresql.stop();
  }
}

/**
 * Makes both switchovers while the actor of one server is killed at every step of them, and expects the result of
 * undisturbed ones.
 */
export async function switchUnderKills(bench: KillBench, victim: ServerName): Promise<void> {
  // Long enough that no failover overtakes a switchover whose actors are killed again and again.
  const { pair, actors } = await bench.bringUp({ failover: { allowedUnavailabilitySeconds: 300 } });
  for (const kind of ["switch-to-secondary", "switch-to-primary"] as const) {
    actors.folder.startRound({ round: kind, victim });
    await pair.request(kind);
    const isOver = async (): Promise<boolean> => (await pair.endedOperations(kind, serverNames)).length === 2;
    await pair.untilTrue(`${kind} has ended on both servers`, isOver, operationLimitMs);
    actors.folder.endRound();
    expect(kills(actors, kind).sort()).toEqual(expectedKills(kind, victim).sort());
    const ended = await pair.endedOperations(kind, serverNames);
    expect(ended.map(({ state, because }) => `${state}${because}`)).toEqual(["done", "done"]);
    await pair.untilWrites(targetOf(kind));
    expect(await pair.problems(targetOf(kind))).toEqual([]);
  }
  expect(await pair.finish()).toEqual({ different: [], dualActiveSeconds: 0 });
}

/** A failover during which the actor of the secondary is killed at every step. */
export async function failOverUnderKills(bench: KillBench): Promise<void> {
  const { pair, actors } = await bench.bringUp();
  await pair.untilWrites("primary");
  // Nothing may be lost but what the link had not carried yet; so that this is nothing, the client rests first.
  await pair.client.stop();
  await pair.untilTrue("the secondary has everything", async () => (await pair.different()).length === 0);
  actors.folder.startRound({ round: "failover", victim: "secondary" });
  await actors.leave("primary");
  await pair.stage.loseServer("primary");
  const isOver = async (): Promise<boolean> => (await pair.endedOperations("failover", ["secondary"])).length === 1;
  await pair.untilTrue("the failover has ended", isOver, operationLimitMs);
  actors.folder.endRound();
  expect(kills(actors, "failover").sort()).toEqual(expectedKills("failover", "secondary").sort());
  await pair.untilTrue("the secondary serves", () => pair.stage.isServing("secondary"));
  expect(await pair.problems("secondary")).toEqual([]);

  await actors.start("primary");
  const isPassive = async (): Promise<boolean> => (await pair.stage.status("primary"))?.state === "switched";
  await pair.untilTrue("the old primary has read that it lost the name", isPassive);
  expect(await pair.problems("secondary")).toEqual([]);
  // What the secondary has taken since is brought back by the failback alone, which the tests above have made.
  expect((await pair.finish()).dualActiveSeconds).toBe(0);
}

function targetOf(kind: OperationKind): ServerName {
  return kind === "switch-to-primary" ? "primary" : "secondary";
}

/**
 * Every kill that a round must hold: one at the beginning of each step, whichever server it runs on; where the victim
 * itself runs the step also one at its end, and one when the program was started that stops or starts the application.
 */
function expectedKills(kind: OperationKind, victim: ServerName): string[] {
  return planSwitchover(kind, targetOf(kind)).steps.flatMap(({ name, runsOn }) => {
    if (runsOn !== victim) return [`${name} begun`];
    const startsProgram = name === "stop-managed-system" || name === "start-managed-system";
    return [`${name} begun`, ...(startsProgram ? [`${name} child`] : []), `${name} done`];
  });
}

function kills({ folder }: KeptActors, round: string): string[] {
  return folder.kills.filter((kill) => kill.round === round).map(({ step, moment }) => `${step} ${moment}`);
}
