import type { ActorStatus } from "../../shared/core/status.js";
import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import { currentStep, endedStep } from "./story-steps.js";
import type { Condition, Phrase } from "./story.js";
import type { World } from "./world.js";

const statusOf = (world: World, name: string): ActorStatus | undefined =>
  world.host(name as ServerName).actor?.status();

const hasLogged = (world: World, name: string, event: string): boolean =>
  world.host(name as ServerName).log.some((line) => line.includes(` ${event} `));

function firstAt(world: World, name: ServerName, event: string): number {
  const line = world.host(name).log.find((text) => text.includes(` ${event} `));
  return line === undefined ? Infinity : Number(line.split(" ")[0]);
}

/** The last operation as each server knows it: one of them may still wait for what the other one does. */
const lastOperations = (world: World) =>
  serverNames.flatMap((name) => world.host(name).actor?.operations().slice(0, 1) ?? []);

const isAllOver = (world: World): boolean =>
  serverNames.every((name) => (world.host(name).actor?.operations() ?? []).every(({ endedAtMs }) => endedAtMs > 0));

const unmet = (world: World): readonly string[] =>
  statusOf(world, "secondary")
    ?.decision?.criteria.filter(({ met }) => !met)
    .map(({ name }) => name) ?? [];

/** The state of the other server as this one has last noted it. */
function lastSeenState(world: World, name: string): string | undefined {
  const { log } = world.host(name as ServerName);
  const started = log.findLastIndex((line) => line.includes(" actor-started "));
  const noted = log.slice(started).findLast((line) => line.includes(" peer-state-changed "));
  return noted && /"to":"([a-z_]+)"/.exec(noted)?.[1];
}

/** What can be waited for (`until …`) and what can be claimed (`then …`). */
export const conditions: readonly Phrase<Condition>[] = [
  [
    /^the (primary|secondary) serves alone$/,
    ({ world }, name) =>
      world.servingHosts().join() === name &&
      world.nameServer.record?.active === name &&
      world.nameServer.address === name &&
      isAllOver(world),
  ],
  [/^the (primary|secondary) serves$/, ({ world }, name) => world.servingHosts().join() === name],
  [
    /^nobody serves or the (primary|secondary) serves$/,
    ({ world }, name) => ["", name].includes(world.servingHosts().join()),
  ],
  [/^nobody serves$/, ({ world }) => world.servingHosts().length === 0],
  [/^somebody serves alone$/, ({ world }) => world.servingHosts().length === 1 && isAllOver(world)],
  [/^somebody serves alone or nobody$/, ({ world }) => world.servingHosts().length < 2 && isAllOver(world)],
  [/^the record names the (primary|secondary)$/, ({ world }, name) => world.nameServer.record?.active === name],
  [/^the epoch is (\d+)$/, ({ world }, epoch) => world.nameServer.record?.epoch === Number(epoch)],
  [/^there was no failover$/, ({ world }) => world.failovers === 0],
  [/^there was exactly one failover$/, ({ world }) => world.failovers === 1],
  [/^there were (\d+) failovers$/, ({ world }, count) => world.failovers === Number(count)],
  [/^there was exactly one switchover$/, ({ world }) => world.switchovers === 1],
  [/^there was no switchover$/, ({ world }) => world.switchovers === 0],
  [/^no row was lost$/, ({ world }) => world.lostInFailover === 0],
  [
    /^both served for a while, which the assumption excludes$/,
    (telling) => {
      telling.isAssumptionTold = true;
      return telling.world.dualActiveSeconds > 0;
    },
  ],
  [/^the (primary|secondary) has fenced itself$/, ({ world }, name = "") => hasLogged(world, name, "fencing")],
  [/^the (primary|secondary) has never fenced itself$/, ({ world }, name = "") => !hasLogged(world, name, "fencing")],
  [
    /^the primary stopped before the secondary started$/,
    ({ world }) =>
      firstAt(world, "primary", "managed-system-stopped") < firstAt(world, "secondary", "managed-system-starting"),
  ],
  [
    /^the last operation is (done|undone|asks-a-person|running|handed-over|undoing)$/,
    ({ world }, state) => lastOperations(world).some((last) => last.state === state),
  ],
  [
    /^the last operation ended because of "(.+)"$/,
    ({ world }, text = "") => lastOperations(world).some(({ because }) => because.includes(text)),
  ],
  [/^all operations are over$/, ({ world }) => isAllOver(world)],
  [/^an operation runs$/, ({ world }) => !isAllOver(world)],
  [/^the step ([a-z-]+) runs$/, ({ world }, step) => serverNames.some((name) => currentStep(world, name) === step)],
  [/^the step ([a-z-]+) is done$/, ({ world }, step) => serverNames.some((name) => endedStep(world, name, step))],
  [
    /^the spare decides to (stay|ask-the-operator|fail-over)$/,
    ({ world }, to) => statusOf(world, "secondary")?.decision?.decision === to,
  ],
  [/^the criterion ([a-z-]+) is not met$/, ({ world }, name = "") => unmet(world).includes(name)],
  [/^only the criterion ([a-z-]+) is not met$/, ({ world }, name) => unmet(world).join() === name],
  [/^the (primary|secondary) is paused$/, ({ world }, name = "") => statusOf(world, name)?.pause !== undefined],
  [/^the (primary|secondary) is not paused$/, ({ world }, name = "") => statusOf(world, name)?.pause === undefined],
  [/^the (primary|secondary) is ([a-z_]+)$/, ({ world }, name = "", state) => statusOf(world, name)?.state === state],
  [
    /^the (primary|secondary) sees the other one ([a-z_]+)$/,
    ({ world }, name = "", state) => lastSeenState(world, name) === state,
  ],
  [
    /^the (primary|secondary) has the error ([a-z-]+)$/,
    ({ world }, name = "", reason) =>
      statusOf(world, name)?.configurationErrors.some((error) => error.reason === reason) === true,
  ],
  [
    /^the operator was (accepted|refused|told of the running one)$/,
    ({ answers }, kind) => {
      const expected = kind === "told of the running one" ? "running" : kind;
      return answers.at(-1)?.kind === expected;
    },
  ],
  [/^the operator was told "(.+)"$/, ({ answers }, text = "") => answers.at(-1)?.text.includes(text) === true],
  [
    /^all operators got the same operation$/,
    ({ answers }) =>
      answers.length > 1 &&
      new Set(answers.map(({ operationId }) => operationId)).size === 1 &&
      answers[0]?.operationId !== "",
  ],
  [
    /^(\d+) alerts were accepted$/,
    ({ answers }, count) => answers.filter(({ kind }) => kind === "alert accepted").length === Number(count),
  ],
  [
    /^the (primary|secondary) has logged ([a-z-]+)$/,
    ({ world }, name = "", event = "") => hasLogged(world, name, event),
  ],
  [
    /^the (primary|secondary) holds all rows$/,
    ({ world }, name = "") => {
      const other = world.host(name === "primary" ? "secondary" : "primary").data.rows;
      const own = world.host(name as ServerName).data.rows;
      return [...other].every((row) => own.has(row));
    },
  ],
  [
    /^the (primary|secondary) has logged a record from the peer$/,
    ({ world }, name = "") => {
      const { log } = world.host(name as ServerName);
      const started = log.findLastIndex((line) => line.includes(" actor-started "));
      return log.slice(started).some((line) => line.includes(`"source":"peer"`));
    },
  ],
  [/^the name points to the (primary|secondary)$/, ({ world }, name) => world.nameServer.address === name],
];
