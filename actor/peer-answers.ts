import { z } from "zod";
import { AppError, errorMessage } from "../shared/core/app-error.js";
import type { JsonObject } from "../shared/core/json.js";
import type { LinkHandler, LinkHandlers, LinkMessage } from "./link/link.js";
import type { ActorContext } from "./actor-context.js";
import { operationDocument, type KeptFacts, type OperationDocument } from "./core/kept-facts.js";
import { decideGrant } from "./core/ownership.js";
import { isSameRecord } from "./core/ownership-record.js";
import { isPlanned, targetOf } from "./core/switchover-plan.js";
import { answerDivergence, takeAcknowledgement } from "./divergence/pair-divergence.js";
import { abortOperation, cancelOperation } from "./operations/abort-operation.js";
import { answerHooks } from "./operations/answer-hooks.js";
import { hookFields } from "./operations/ask-peer-hooks.js";
import { beginOperation, operationRequestFields } from "./operations/begin-operation.js";
import { stoppedFields, type OperationKnowledge } from "./operations/operation-messages.js";
import { peerCommandFields, type PeerCommand } from "./operations/peer-command.js";
import { checkSource, checkTarget, obstaclesOf } from "./operations/pre-checks.js";
import { takeMarkChecked } from "./mark-checked.js";
import { createPeerMessage, peerMessage, takePeerMessage } from "./peer-message.js";
import { learnRecord } from "./watch/note-confirmation.js";

/** Of one report; all of them must fit into one message. */
const mostExamples = 200;

/** What this actor answers its peer. Each handler may be called twice or late; none believes more than it can check. */
export function createPeerAnswers(context: ActorContext): LinkHandlers {
  return {
    heartbeat: answer(peerMessage, async (message) => {
      await takePeerMessage(context, message);
      return createPeerMessage(context);
    }),
    "ownership/confirm": answer(z.object({ epoch: z.number() }), ({ epoch }) => {
      const { facts } = context.store;
      return Promise.resolve({ ...decideGrant(facts, epoch), record: facts.record ? { ...facts.record } : null });
    }),
    "ownership/stopped": answer(stoppedFields, ({ record }) => answerStopped(context, record)),
    "operations/request": answer(operationRequestFields, async (request) => {
      // The request was passed on once; twice would be for ever.
      const { record } = context.store.facts;
      const isHere = isPlanned(request.kind)
        ? record?.active === context.server
        : targetOf(request.kind) === context.server;
      if (!isHere) throw new AppError("OPERATION_REFUSED", "the request does not belong to this server either");
      return toFields(await beginOperation(context, request));
    }),
    "operations/pre-checks": answer(z.object({ of: z.enum(["source", "target"]) }), async ({ of }) =>
      toFields({ checks: of === "target" ? checkTarget(context) : await checkSource(context, context.signal) }),
    ),
    "operations/abort": answer(z.object({ operationId: z.string(), requestedBy: z.string() }), async (fields) =>
      toFields(await abortOperation(context, fields.operationId, fields.requestedBy)),
    ),
    "operations/hand-over": answer(z.object({ operation: operationDocument }), ({ operation }) =>
      takeHandOver(context, operation),
    ),
    "operations/status": answer(z.object({ operationId: z.string() }), ({ operationId }) =>
      Promise.resolve(toFields(findOperation(context, operationId))),
    ),
    "operations/cancel": answer(z.object({ operationId: z.string() }), async ({ operationId }) => {
      const outcome = await cancelOperation(context, operationId, "cancelled by the coordinator");
      return { outcome };
    }),
    "pair/mark-checked": answer(z.object({ requestedBy: z.string() }), async ({ requestedBy }) => {
      await takeMarkChecked(context, `${requestedBy}, at the other server`);
      return {};
    }),
    "divergence/list": answer(z.object({ limit: z.int().min(0).max(mostExamples) }), ({ limit }) =>
      answerDivergence(context, limit),
    ),
    "divergence/acknowledge": answer(z.object({ requestedBy: z.string() }), async ({ requestedBy }) => ({
      ...(await takeAcknowledgement(context, `${requestedBy}, at the other server`)),
    })),
    "operations/hooks": answer(hookFields, (fields) => Promise.resolve(answerHooks(context, fields))),
    "operations/command": answer(peerCommandFields, (fields) => obey(context, fields)),
  };
}

function answer<Schema extends z.ZodType>(
  schema: Schema,
  reply: (fields: z.output<Schema>) => Promise<JsonObject>,
): LinkHandler {
  return async (message: LinkMessage) => {
    const parsed = schema.safeParse(message.fields);
    if (!parsed.success) throw new AppError("REQUEST_INVALID", `unexpected form: ${z.prettifyError(parsed.error)}`);
    return { fields: await reply(parsed.data) };
  };
}

function toFields(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

/** The claimant asks whether it may stop waiting. "Stopped" is said only after looking, and with the record kept. */
async function answerStopped(
  context: ActorContext,
  record: z.output<typeof stoppedFields>["record"],
): Promise<JsonObject> {
  const { store, server, keeper, signal } = context;
  await learnRecord(context, record, "peer");
  const known = store.facts.record;
  if (!known || !isSameRecord(known, record) || known.active === server) {
    return { isStopped: false, epoch: known?.epoch ?? 0 };
  }
  // The record is kept, so the choke point refuses every start from here on; a start under way is aborted by the stop.
  await keeper.stop(`the ${record.active} owns the name since epoch ${record.epoch}`, signal);
  return { isStopped: true, epoch: known.epoch };
}

async function takeHandOver(context: ActorContext, operation: OperationDocument): Promise<JsonObject> {
  const { store, server, ports } = context;
  if (operation.to !== server) throw new AppError("REQUEST_INVALID", `the hand-over is meant for the ${operation.to}`);
  if (store.facts.record && operation.previous.epoch > store.facts.record.epoch) {
    await learnRecord(context, operation.previous, "peer");
  }
  const facts = await store.change((before) => {
    const isKnown = before.operation !== null || before.lastOperations.some((last) => last.id === operation.id);
    const isCancelled = before.cancelledOperations.includes(operation.id);
    const isCurrent = before.record !== null && isSameRecord(before.record, operation.previous);
    if (isKnown || isCancelled || !isCurrent || !isForThisMemory(before, operation)) return before;
    return { ...before, operation: { ...operation, part: "claimant", state: "running", isPeerStopped: true } };
  });
  const known = findOperation(context, operation.id);
  if (known.kind !== "known") {
    const because = whyNotTaken(facts, operation, known.kind);
    throw new AppError("OPERATION_REFUSED", `operation ${operation.id} is not taken over: ${because}`);
  }
  ports.log.info("hand-over-taken", { operation: operation.id, epoch: facts.record?.epoch ?? 0 });
  context.wakeOperations();
  return { isTaken: true };
}

/** Otherwise it was sent before this server lost its state directory, and may have been cancelled since. */
function isForThisMemory({ memoryId }: KeptFacts, { targetMemoryId }: OperationDocument): boolean {
  return targetMemoryId !== "" && targetMemoryId === memoryId;
}

function whyNotTaken(facts: KeptFacts, operation: OperationDocument, known: OperationKnowledge["kind"]): string {
  if (known === "cancelled") return "it was cancelled here";
  if (!isForThisMemory(facts, operation)) return `the ${facts.server} has lost its state directory since it began`;
  return "the record or another operation forbids it";
}

function findOperation(context: ActorContext, operationId: string): OperationKnowledge {
  const { facts } = context.store;
  if (facts.operation?.id === operationId) return { kind: "known", operation: facts.operation };
  const ended = facts.lastOperations.find((operation) => operation.id === operationId);
  if (ended) return { kind: "known", operation: ended };
  return facts.cancelledOperations.includes(operationId) ? { kind: "cancelled" } : { kind: "unknown" };
}

/** Commands belong to an epoch: what arrives late, after the record has moved on, is refused. */
async function obey(
  context: ActorContext,
  { command, epoch, operationId }: z.output<typeof peerCommandFields>,
): Promise<JsonObject> {
  const { record } = context.store.facts;
  if (record?.epoch !== epoch || record.active === context.server) {
    throw new AppError(
      "EPOCH_TOO_OLD",
      `command ${command} of operation ${operationId} belongs to epoch ${epoch}, known here is ${record?.epoch ?? "none"}`,
    );
  }
  try {
    return await runCommand(context, command, operationId);
  } catch (error) {
    return { isDone: false, because: errorMessage(error) };
  }
}

async function runCommand(context: ActorContext, command: PeerCommand, operationId: string): Promise<JsonObject> {
  const { keeper, situation, signal } = context;
  switch (command) {
    case "stop-managed-system":
      await keeper.stop(`operation ${operationId}`, signal);
      return { isDone: true, because: "" };
    case "is-stopped": {
      const isServing = await keeper.look(signal);
      return { isDone: !isServing, because: isServing ? situation.servingBecause : "" };
    }
    case "back-up-database":
      return backUp(context, operationId);
    case "is-ready":
      return isReady(context);
  }
}

/** Begins the backup of an operation once; asked again, tells how far it is. A failed one is begun anew. */
function backUp(context: ActorContext, operationId: string): JsonObject {
  const { ports, situation, signal } = context;
  const known = situation.backups.get(operationId);
  if (known && (known.isRunning || known.isDone)) return { ...known };
  const backup = { isRunning: true, isDone: false, because: "" };
  situation.backups.clear();
  situation.backups.set(operationId, backup);
  const run = async (): Promise<void> => {
    const places: string[] = [];
    for (const part of ports.parts) places.push(await part.backUp(operationId, signal));
    Object.assign(backup, {
      isRunning: false,
      isDone: true,
      because: places.filter((place) => place !== "").join(", "),
    });
  };
  run().catch((error: unknown) => {
    Object.assign(backup, { isRunning: false, because: errorMessage(error) });
  });
  if (known && known.because !== "") return { isDone: false, because: known.because };
  return { ...backup };
}

function isReady(context: ActorContext): JsonObject {
  const obstacles = obstaclesOf(checkTarget(context));
  return { isDone: obstacles.length === 0, because: obstacles.join("; ") };
}
