import { setMaxListeners } from "node:events";
import { errorMessage } from "../shared/core/app-error.js";
import type { Settings } from "../shared/core/settings/settings.js";
import { analyseFolders } from "./analyse-folders.js";
import { approveFolder, folderErrors } from "./approve-folder.js";
import type { Actor, AlertOutcome, FailoverAlert } from "./actor-api.js";
import { count, type ActorContext } from "./actor-context.js";
import { buildStatus } from "./build-status.js";
import { takeAlert } from "./take-alert.js";
import { acknowledgeDivergence, readDivergence } from "./divergence/pair-divergence.js";
import { createDrill } from "./drill/create-drill.js";
import { createFirstRecord } from "./create-first-record.js";
import { FactsStore } from "./facts-store.js";
import { createManagedSystemKeeper } from "./managed-system-keeper.js";
import { markChecked } from "./mark-checked.js";
import { createOperations } from "./operations/create-operations.js";
import { adopt } from "./operations/resume-takeover.js";
import { runOperations } from "./operations/runner.js";
import { type OperatorActs, recordAct, withHistory } from "./operator-acts.js";
import { createPeerAnswers } from "./peer-answers.js";
import { createPauses } from "./pause-switching.js";
import type { ActorPorts } from "./ports.js";
import type { LinkHandlers } from "./link/link.js";
import { sendTestMessage } from "./send-test-message.js";
import { setEnabled } from "./set-enabled.js";
import { newSituation } from "./situation.js";
import { recordEvent } from "./record-event.js";
import { runDataWatch } from "./watch/data-watch.js";
import { runDivergenceWatch } from "./watch/divergence-watch.js";
import { runEventWatch, writeEvents } from "./watch/event-watch.js";
import { runFailoverWatch } from "./watch/failover-watch.js";
import { runGuardWatch } from "./watch/guard-watch.js";
import { runMessageWatch } from "./watch/message-watch.js";
import { runNameWatch } from "./watch/name-watch.js";
import { runOwnershipWatch } from "./watch/ownership-watch.js";
import { keepPromise, runPeerWatch, sendHeartbeat } from "./watch/peer-watch.js";
import { runWitnessWatch } from "./watch/witness-watch.js";

/**
 * The actor: everything it touches comes in as a port, nothing is kept in modules, so that the simulation runs this
 * very code. Reads what was kept; the loops start with `start`.
 */
export async function createActor(ports: ActorPorts, settings: Settings): Promise<Actor> {
  const store = await FactsStore.open(ports.disk, settings.pair, settings.server, () => ports.clock.wallMs());
  const stopping = new AbortController();
  // Every loop and every wait under way listens to this one signal; many listeners are no leak here.
  setMaxListeners(0, stopping.signal);
  let isWoken = false;
  const context: ActorContext = {
    ports,
    settings,
    server: settings.server,
    store,
    situation: newSituation(ports.clock.wallMs()),
    signal: stopping.signal,
    keeper: createManagedSystemKeeper(() => context),
    drill: createDrill(() => context),
    wakeOperations: () => {
      isWoken = true;
    },
  };
  const pauseUnlessWoken = (seconds: number): number => {
    const pause = isWoken ? 0 : seconds;
    isWoken = false;
    return pause;
  };
  const operations = createOperations(context);
  return {
    start: () => {
      startLoops(context, pauseUnlessWoken);
      void context.drill.open();
      return Promise.resolve();
    },
    stop: (reason) => stopInOrder(context, stopping, reason),
    status: () => buildStatus(context),
    ...operations,
    ...withHistory(context, { ...operations, ...createActs(context) }),
    recordAct: (act) => recordAct(context, act),
    takeAlert: (alert: FailoverAlert): Promise<AlertOutcome> => takeAlert(context, alert),
    setEnabled: (isEnabled, requestedBy, reason) => setEnabled(context, isEnabled, requestedBy, reason),
    ...createPauses(context),
    markChecked: (requestedBy) => markChecked(context, requestedBy),
    folderErrors: () => folderErrors(context),
    readDivergence: (examples) => readDivergence(context, examples),
    drills: () => context.drill.list(),
    decisions: (limit) => ports.decisions.list(limit),
    history: (filter) => ports.history.list(filter),
    count: (name) => {
      count(context, name);
    },
    linkHandlers: allHandlers(context),
  };
}

/** Those of the operations come from `createOperations`. */
type OtherActs = Omit<OperatorActs, keyof ReturnType<typeof createOperations>>;

function createActs(context: ActorContext): OtherActs {
  return {
    approveFolder: (folder, requestedBy, shown) => approveFolder(context, folder, requestedBy, shown),
    analyseFolders: (request, requestedBy) => analyseFolders(context, request, requestedBy),
    acknowledgeDivergence: (requestedBy) => acknowledgeDivergence(context, requestedBy),
    beginDrill: (requestedBy) => context.drill.begin(requestedBy),
    testNameServer: () => context.ports.nameServer.testUpdate(context.signal),
    createFirstRecord: (requestedBy) => createFirstRecord(context, requestedBy),
    adopt: (requestedBy, reason) => adopt(context, { requestedBy, reason }),
    sendTestMessage: (code, requestedBy) => sendTestMessage(context, code, requestedBy),
  };
}

function startLoops(context: ActorContext, pauseUnlessWoken: (seconds: number) => number): void {
  const { ports, server, settings } = context;
  ports.log.info("actor-started", { server, pair: settings.pair, version: ports.build.version });
  void recordEvent(context, { name: "ActorStarted", who: "actor", why: `version ${ports.build.version}` });
  void Promise.all([
    runEventWatch(context),
    runMessageWatch(context),
    runOwnershipWatch(context),
    runWitnessWatch(context),
    runPeerWatch(context),
    runFailoverWatch(context),
    runDataWatch(context),
    runDivergenceWatch(context),
    runNameWatch(context),
    runGuardWatch(context),
    runOperations(context, pauseUnlessWoken),
  ]);
}

async function stopInOrder(context: ActorContext, stopping: AbortController, reason: string): Promise<void> {
  const { ports } = context;
  await announceStop(context, reason);
  await context.drill.end("the actor stops");
  await recordEvent(context, { name: "ActorStopping", who: "actor", why: reason });
  await writeEvents(context).catch((error: unknown) => {
    ports.log.warn("history-not-written", { because: errorMessage(error) });
  });
  stopping.abort();
  for (const part of ports.parts) await part.close();
}

async function announceStop(context: ActorContext, reason: string): Promise<void> {
  const { ports, situation } = context;
  situation.isStopping = true;
  ports.log.info("actor-stopping", { reason });
  // A full disk keeps the promise from being given; it must not keep the actor from stopping.
  await keepPromise(context).catch((error: unknown) => {
    ports.log.warn("promise-not-kept", { because: errorMessage(error) });
  });
  await sendHeartbeat(context);
}

/** What the actor itself answers and what each part adds; the kinds do not overlap. */
function allHandlers(context: ActorContext): LinkHandlers {
  const own = createPeerAnswers(context);
  return context.ports.parts.reduce<LinkHandlers>((handlers, part) => ({ ...handlers, ...part.handlers }), own);
}
