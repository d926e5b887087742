import { AppError } from "../../shared/core/app-error.js";
import { otherServer } from "../../shared/core/server-name.js";
import type { OperationView } from "../../shared/core/status.js";
import { withDeadline } from "../../shared/deadline.js";
import { isPeerConnected, peerName, type ActorContext } from "../actor-context.js";
import type { KeptFacts } from "../core/kept-facts.js";
import { createOperationDocument } from "../core/operation-document.js";
import { judgeRecord } from "../core/ownership.js";
import { judgeReadiness, withReadyRecord } from "../core/readiness.js";
import { planSwitchover, type StepName } from "../core/switchover-plan.js";
import { stepTitles } from "./steps/index.js";

/** Done already by whoever wrote the record. */
const claimSteps: readonly StepName[] = ["run-before-hooks", "stop-confirming", "claim-ownership"];

interface Asker {
  readonly requestedBy: string;
  readonly reason: string;
}

/**
 * A claim that was given up may come true late: a name server that was frozen applies it after all. The name is then
 * this server's and nobody serves, so the takeover begins where the claim had left it: with the wait for the other server.
 */
export async function resumeTakeover(context: ActorContext): Promise<void> {
  const { store, situation, ports } = context;
  const { record } = store.facts;
  if (!record || !situation.isFirstConfirmationOver || judgeReadiness(store.facts) !== "claim-came-true") return;
  const reason = `the claim of epoch ${record.epoch} had been given up and came true after all`;
  const asker = { requestedBy: "the ownership record", reason };
  const nowMs = ports.clock.wallMs();
  await store.change((facts) =>
    judgeReadiness(facts) === "claim-came-true" ? withTakeover(facts, asker, nowMs) : facts,
  );
  ports.log.warn("takeover-resumed", { epoch: record.epoch, because: reason });
}

/**
 * A person vouches for the data of this server, which owns the name and does not remember why. Where the application
 * serves already that is all; else the takeover is done, beginning with the wait for the other server.
 * Returns the operation, or undefined where none was needed. Throws OPERATION_REFUSED and changes nothing otherwise.
 */
export async function adopt(context: ActorContext, asker: Asker): Promise<OperationView | undefined> {
  const { store, keeper, ports, situation, signal } = context;
  await requireAdoptable(context);
  await keeper.look(signal);
  const isServing = situation.isWhole;
  if (!isServing && isPeerConnected(context) && situation.peerStatus?.managedSystem.isServing === true) {
    throw new AppError("OPERATION_REFUSED", `the managed system serves on the ${peerName(context)}`, {
      hint: "Stop it there first; both must never serve.",
    });
  }
  const nowMs = ports.clock.wallMs();
  const facts = await store.change((before) => {
    if (judgeReadiness(before) !== "unknown" || !before.record) return before;
    const configurationErrors = before.configurationErrors.filter(
      ({ reason }) => reason !== "ownership-not-remembered",
    );
    const checked = { ...before, configurationErrors };
    return isServing ? withReadyRecord(checked, before.record.operationId) : withTakeover(checked, asker, nowMs);
  });
  ports.log.warn("adopted", { ...asker, epoch: facts.record?.epoch ?? 0, isServing });
  context.wakeOperations();
  return facts.operation ?? undefined;
}

async function requireAdoptable({ store, ports, settings, server, signal }: ActorContext): Promise<void> {
  const readiness = judgeReadiness(store.facts);
  if (readiness !== "unknown") {
    const why = {
      "not-owner": `the ownership record does not name the ${server}`,
      ready: "this server remembers its ownership and serves, or will",
      "in-operation": "an operation is running here that settles it",
      "claim-came-true": "the takeover is resumed by itself",
    };
    throw new AppError("OPERATION_REFUSED", `there is nothing to adopt: ${why[readiness]}`);
  }
  const read = await withDeadline(
    ports.clock,
    { what: "reading the ownership record", limitSeconds: settings.dns.limitSeconds, signal },
    (limited) => ports.nameServer.readRecord(limited),
  );
  if (judgeRecord(read, store.facts.record, server).kind === "own") return;
  throw new AppError("OWNERSHIP_UNCLEAR", "the update server does not confirm that this server owns the name");
}

function withTakeover(facts: KeptFacts, asker: Asker, nowMs: number): KeptFacts {
  const { record, server } = facts;
  if (!record) return facts;
  const operation = createOperationDocument({
    id: record.operationId,
    plan: planSwitchover("failover", server),
    titles: stepTitles,
    part: "claimant",
    ...asker,
    isAutomatic: false,
    previous: facts.claim?.previous ?? { epoch: record.epoch - 1, active: otherServer(server), operationId: "" },
    skipped: { steps: claimSteps, because: "the record names this server already" },
    nowMs,
  });
  return { ...facts, operation, claim: null };
}
