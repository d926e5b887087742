import type { OperationAnswer } from "../../actor/actor-api.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import type { OperationKind } from "../../shared/core/status.js";
import type { StoryEvent } from "./story-events.js";
import type { Telling } from "./story.js";

const server = "(primary|secondary)";

/** Keeps what the operator is told; a question to a server whose actor is dead is answered by nobody. */
function note({ answers }: Telling, asked: Promise<OperationAnswer> | undefined): void {
  void asked?.then(
    (answer) => {
      const text = "because" in answer ? answer.because : "";
      const operationId = "operation" in answer ? answer.operation.id : "";
      answers.push({ kind: answer.kind, text, operationId });
    },
    (error: unknown) => answers.push({ kind: "refused", text: errorMessage(error), operationId: "" }),
  );
}

function ask(telling: Telling, at = "", kind: OperationKind, isPeerOff = false): void {
  const asked = { kind, requestedBy: "olga", reason: "story", isDryRun: false, isPeerOff };
  note(telling, telling.world.host(at as ServerName).actor?.requestOperation(asked));
}

const runningId = ({ world }: Telling): string =>
  serverNames.flatMap((name) => world.host(name).actor?.operations() ?? []).find(({ endedAtMs }) => endedAtMs === 0)
    ?.id ?? "none";

/** What operators do, at either server. */
export const operatorEvents: readonly StoryEvent[] = [
  [
    new RegExp(`^an operator asks the ${server} to switch to the ${server}$`),
    (telling, at, to = "") => {
      ask(telling, at, `switch-to-${to as ServerName}`);
    },
  ],
  [
    new RegExp(`^(\\d+) operators ask both servers to switch to the ${server}$`),
    (telling, count, to = "") => {
      for (let number = 0; number < Number(count); number += 1)
        ask(telling, serverNames[number % 2], `switch-to-${to as ServerName}`);
    },
  ],
  [
    new RegExp(`^an operator asks the ${server} for a failover$`),
    (telling, at) => {
      ask(telling, at, "failover");
    },
  ],
  [
    new RegExp(`^the operator forces the ${server}$`),
    (telling, to = "") => {
      ask(telling, to, `force-to-${to as ServerName}`);
    },
  ],
  [
    new RegExp(`^the operator forces the ${server}, sure that the other one is off$`),
    (telling, to = "") => {
      ask(telling, to, `force-to-${to as ServerName}`, true);
    },
  ],
  [
    new RegExp(`^the operator aborts at the ${server}$`),
    (telling, at = "") => {
      note(telling, telling.world.host(at as ServerName).actor?.abortOperation(runningId(telling), "olga"));
    },
  ],
  [
    new RegExp(`^the operator has it tried again at the ${server}$`),
    (telling, at = "") => {
      note(telling, telling.world.host(at as ServerName).actor?.retryOperation(runningId(telling), "olga"));
    },
  ],
  ...(["off", "on"] as const).map((way): StoryEvent => [
    new RegExp(`^the operator turns SpareSync ${way} at the ${server}$`),
    ({ world }, at = "") =>
      void world
        .host(at as ServerName)
        .actor?.setEnabled(way === "on", "olga", "story")
        .catch(() => undefined),
  ]),
  [
    new RegExp(`^the operator pauses for (\\d+) s at the ${server}$`),
    ({ world }, seconds, at = "") => void world.host(at as ServerName).actor?.pause("olga", "story", Number(seconds)),
  ],
  [
    new RegExp(`^the operator ends the pause at the ${server}$`),
    ({ world }, at = "") => void world.host(at as ServerName).actor?.resume("olga"),
  ],
  [
    new RegExp(`^the operator marks it checked at the ${server}$`),
    ({ world }, at = "") => void world.host(at as ServerName).actor?.markChecked("olga"),
  ],
  [
    new RegExp(`^the operator adopts the ${server}$`),
    ({ world }, at = "") =>
      void world
        .host(at as ServerName)
        .actor?.adopt("olga", "story")
        .catch(() => undefined),
  ],
];
