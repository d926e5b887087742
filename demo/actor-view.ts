import { type ActorStatus, actorStatus, type OperationView } from "../shared/core/status.js";
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

/** Tells on the timeline what changes in the status of one actor: states, the decision, the steps of an operation. */
export class StatusTeller {
  readonly #timeline: Timeline;
  readonly #who: string;
  readonly #told = new Map<string, string>();

  constructor(timeline: Timeline, who: string) {
    this.#timeline = timeline;
    this.#who = who;
  }

  tell(status: ActorStatus): void {
    if (this.#isNew("state", status.state)) this.#timeline.tell(this.#who, `state ${status.state} (${status.because})`);
    if (this.#isNew("peer", status.peer.state))
      this.#timeline.tell(this.#who, `sees the other server as ${status.peer.state}`);
    this.#tellDecision(status);
    const operation = newestOperation(status);
    if (operation !== undefined) this.#tellOperation(operation);
  }

  #tellDecision({ decision }: ActorStatus): void {
    if (decision === undefined || !this.#isNew("decision", `${decision.decision}: ${decision.because}`)) return;
    const isFailover = decision.decision === "fail-over";
    this.#timeline.tell(
      this.#who,
      `decision ${decision.decision}: ${decision.because}`,
      isFailover ? "yellow" : undefined,
    );
    if (!isFailover) return;
    for (const { name, met, because } of decision.criteria) {
      this.#timeline.tell("", `  ${met ? "✓" : "✗"} ${name}: ${because}`, met ? "green" : "red");
    }
  }

  #tellOperation(operation: OperationView): void {
    if (this.#isNew(operation.id, "begun")) {
      const { kind, requestedBy, reason } = operation;
      this.#timeline.tell(this.#who, `operation ${kind}, asked for by ${requestedBy}: ${reason}`, "yellow");
    }
    for (const { name, state, runsOn, title, because, startedAtMs, endedAtMs } of operation.steps) {
      if (state === "waiting" || !this.#isNew(`${operation.id}/${name}/${runsOn}`, state)) continue;
      const took = endedAtMs > startedAtMs ? ` in ${((endedAtMs - startedAtMs) / 1000).toFixed(1)} s` : "";
      const why = because === "" ? "" : ` — ${because}`;
      const colour = state === "done" ? "green" : state === "failed" ? "red" : "cyan";
      this.#timeline.tell("", `  ${state.padEnd(7)} ${name} on the ${runsOn}: ${title}${took}${why}`, colour);
    }
    if (operation.state !== "running" && this.#isNew(`${operation.id} end`, operation.state)) {
      const why = operation.because === "" ? "" : `: ${operation.because}`;
      this.#timeline.tell(
        this.#who,
        `operation ${operation.kind} ${operation.state}${why}`,
        operation.state === "done" ? "green" : "red",
      );
    }
  }

  #isNew(key: string, value: string): boolean {
    if (this.#told.get(key) === value) return false;
    this.#told.set(key, value);
    return true;
  }
}
