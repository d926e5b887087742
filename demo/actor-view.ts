import type { ServerName } from "../shared/core/server-name.js";
import { type ActorStatus, actorStatus, type OperationView, type StepView } from "../shared/core/status.js";
import { ask } from "./request.js";
import type { Timeline } from "./timeline.js";

export interface AdminAddress {
  readonly host: string;
  readonly port: number;
  /** A token of the role viewer. */
  readonly token: string;
}

const limitMs = 2_000;

/** The actor's status over its admin listener; undefined when it does not answer. */
export async function readStatus({ host, port, token }: AdminAddress): Promise<ActorStatus | undefined> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await ask({ host, port, method: "GET", path: "/v1/status", headers, limitMs }).catch(() => undefined);
  if (answer === undefined) return undefined;
  if (answer.status !== 200)
    throw new Error(`the actor answers ${String(answer.status)} to /v1/status: ${answer.body}`);
  return actorStatus.parse(JSON.parse(answer.body));
}

/** The newest operation that a status shows, running or ended. */
export function newestOperation(status: ActorStatus | undefined): OperationView | undefined {
  if (status === undefined) return undefined;
  return status.operation ?? [...status.lastOperations].sort((a, b) => b.startedAtMs - a.startedAtMs)[0];
}

/** How far a step has come; what one server has not heard yet is not told a second time. */
const progress: Readonly<Record<StepView["state"], number>> = {
  waiting: 0,
  running: 1,
  failed: 2,
  skipped: 3,
  done: 3,
  undone: 4,
};

/**
 * Tells on the timeline what changes in the status of the actors: states, the decision, the steps of an operation. Both
 * servers show the same operation; whichever shows a change first is heard.
 */
export class StatusTeller {
  readonly #timeline: Timeline;
  readonly #told = new Map<string, string>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  tell(status: ActorStatus): void {
    const { server, state, because, peer } = status;
    if (this.#isNew(`${server} state`, state)) this.#timeline.tell(server, `state ${state}${inBrackets(because)}`);
    if (this.#isNew(`${server} peer`, peer.state)) {
      this.#timeline.tell(server, `sees the other server as ${peer.state}`);
    }
    this.#tellAvailability(status);
    this.#tellDecision(status);
    const operation = newestOperation(status);
    if (operation !== undefined) this.#tellOperation(server, operation);
  }

  /** Why it stays is evaluated, and worded anew, at every tick; on the timeline only a change of the decision counts. */
  #tellDecision({ server, decision }: ActorStatus): void {
    if (decision === undefined || !this.#isNew(`${server} decision`, decision.decision)) return;
    if (decision.decision === "stay") return;
    this.#timeline.tell(server, `decision ${decision.decision}: ${decision.because}`, "yellow");
    for (const { name, met, because } of decision.criteria) {
      this.#timeline.tell("", `  ${met ? "✓" : "✗"} ${name}: ${because}`, met ? "green" : "red");
    }
  }

  /** What a standby sees of the active server's application. */
  #tellAvailability({ managedSystem: { isActiveAvailable }, server, active }: ActorStatus): void {
    if (server === active || !this.#isNew(`${server} sees`, String(isActiveAvailable)) || isActiveAvailable) return;
    this.#timeline.tell(server, "the active server's application does not answer", "red");
  }

  #tellOperation(server: ServerName, operation: OperationView): void {
    const { id, kind, requestedBy, reason, state, because } = operation;
    if (this.#isNew(id, "begun")) {
      this.#timeline.tell(server, `operation ${kind}, asked for by ${requestedBy}: ${reason}`, "yellow");
    }
    for (const step of operation.steps) this.#tellStep(id, step);
    // An operation is handed over to the server that goes on with it: for that one it runs.
    if (state === "running" || state === "handed-over" || !this.#isNew(`${id} end`, state)) return;
    const colour = state === "done" ? "green" : "red";
    this.#timeline.tell(server, `operation ${kind} ${state}${because === "" ? "" : `: ${because}`}`, colour);
  }

  #tellStep(operationId: string, { name, state, runsOn, title, because, startedAtMs, endedAtMs }: StepView): void {
    const key = `${operationId}/${name}/${runsOn}`;
    const told = Number(this.#told.get(key) ?? 0);
    if (progress[state] <= told) return;
    this.#told.set(key, String(progress[state]));
    const took = endedAtMs > startedAtMs ? ` in ${((endedAtMs - startedAtMs) / 1000).toFixed(1)} s` : "";
    const why = because === "" ? "" : ` — ${because}`;
    const colour = state === "done" ? "green" : state === "failed" ? "red" : "cyan";
    this.#timeline.tell("", `  ${state.padEnd(7)} ${name} on the ${runsOn}: ${title}${took}${why}`, colour);
  }

  #isNew(key: string, value: string): boolean {
    if (this.#told.get(key) === value) return false;
    this.#told.set(key, value);
    return true;
  }
}

function inBrackets(text: string): string {
  return text === "" ? "" : ` (${text})`;
}
