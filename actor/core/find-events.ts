import type { NewEvent } from "../../shared/core/event-record.js";
import type { KeptFacts, OperationDocument } from "./kept-facts.js";

/** Whose doing a change of the kept facts is: this server's, or what it learned of the peer. */
export type ChangeOrigin = "here" | "peer";

/**
 * What has happened, by what was kept before and is kept now. Found in one place, so that no way on which something
 * changes can forget to tell it.
 */
export function findEvents(before: KeptFacts, after: KeptFacts, origin: ChangeOrigin): readonly NewEvent[] {
  if (before === after) return [];
  return [
    ...turned(before, after, origin),
    ...paused(before, after, origin),
    ...asked(before, after),
    ...operated(before, after),
    ...owned(before, after),
    ...configured(before, after),
  ];
}

/** The peer's own history tells who turned it off there, and the peer tells the people. */
function turned(before: KeptFacts, after: KeptFacts, origin: ChangeOrigin): readonly NewEvent[] {
  if (before.isEnabled === after.isEnabled) return [];
  const why = after.enabledBecause;
  if (origin === "peer") {
    return [{ name: "OperatorActed", who: "peer", why: `${after.isEnabled ? "turned on" : "turned off"}: ${why}` }];
  }
  const [who = "", ...words] = why.split(": ");
  return [{ name: after.isEnabled ? "TurnedOn" : "TurnedOff", who, why: words.join(": ") }];
}

function paused(before: KeptFacts, after: KeptFacts, origin: ChangeOrigin): readonly NewEvent[] {
  if (before.pause.sequence === after.pause.sequence || origin === "peer") return [];
  const { pause } = after.pause;
  if (pause) {
    const result = `until ${new Date(pause.untilMs).toISOString()}`;
    return [{ name: "Paused", who: pause.setBy, why: pause.reason, result }];
  }
  return before.pause.pause ? [{ name: "Resumed", who: after.pause.endedBy, why: before.pause.pause.reason }] : [];
}

function asked({ asks: before }: KeptFacts, { asks: after }: KeptFacts): readonly NewEvent[] {
  return after
    .filter((ask) => !before.some((other) => other.askedBy === ask.askedBy && other.askedAtMs === ask.askedAtMs))
    .map(({ askedBy, because, fingerprint }) => ({
      name: "FailoverAsked" as const,
      who: askedBy,
      why: because,
      subject: fingerprint,
    }));
}

function operated(before: KeptFacts, after: KeptFacts): readonly NewEvent[] {
  const events: NewEvent[] = [];
  const { operation: former } = before;
  const { operation: present } = after;
  if (former && former.id !== present?.id) events.push(...ended(former, after));
  if (present && former?.id !== present.id) events.push(started(present));
  if (present?.state === "asks-a-person" && !(former?.id === present.id && former.state === present.state)) {
    const about = { who: "actor", subject: present.id, why: present.because };
    events.push({ name: "OperationEnded", ...about, result: "asks-a-person" }, { name: "SwitchedFailed", ...about });
  }
  return events;
}

function started({ id, kind, part, requestedBy, reason }: OperationDocument): NewEvent {
  return { name: "OperationStarted", who: requestedBy, why: reason, subject: id, result: `${kind}, ${part}` };
}

/** The claimant tells of a success: it has seen the last step. Of a failure tells whoever still has the operation. */
function ended(former: OperationDocument, after: KeptFacts): readonly NewEvent[] {
  const view = after.lastOperations.find(({ id }) => id === former.id);
  if (!view) return [];
  const about = { who: view.requestedBy, subject: view.id };
  const why = view.because === "" ? view.reason : view.because;
  const events: NewEvent[] = [
    { name: "OperationEnded", who: "actor", subject: view.id, why, result: `${view.kind}: ${view.state}` },
  ];
  if (view.state === "done" && former.part === "claimant") {
    events.push({ name: "SwitchedSuccessfully", ...about, why: view.reason, result: `to the ${view.to}` });
  }
  // A person was told already when it began to wait for one; a claimant's failed part is told by its coordinator.
  const isToldHere = former.state !== "asks-a-person" && (former.part === "coordinator" || former.kind === "failover");
  if (view.state === "undone" && isToldHere) {
    events.push({ name: "SwitchedFailed", ...about, why: view.because, result: "undone" });
  }
  return events;
}

function owned({ record: before }: KeptFacts, { record: after }: KeptFacts): readonly NewEvent[] {
  if (!after || (before?.epoch === after.epoch && before.active === after.active)) return [];
  const why = `epoch ${after.epoch}, before ${before?.epoch ?? "unknown"}`;
  return [
    { name: "OwnershipChanged", who: "actor", why, subject: after.operationId, result: `${after.active} is active` },
  ];
}

function configured(before: KeptFacts, after: KeptFacts): readonly NewEvent[] {
  const isIn = (facts: KeptFacts, reason: string): boolean =>
    facts.configurationErrors.some((error) => error.reason === reason);
  const found = after.configurationErrors.filter(({ reason }) => !isIn(before, reason));
  const over = before.configurationErrors.filter(({ reason }) => !isIn(after, reason));
  return [
    ...found.map(({ reason, because }) => ({
      name: "ConfigurationErrorFound" as const,
      who: "actor",
      why: because,
      subject: reason,
    })),
    ...over.map(({ reason, because }) => ({
      name: "ConfigurationErrorOver" as const,
      who: "actor",
      why: because,
      subject: reason,
    })),
  ];
}
