import { setMaxListeners } from "node:events";
import { AppError, errorMessage } from "../shared/core/app-error.js";
import type { Settings } from "../shared/core/settings/settings.js";
import { approveFolder, folderErrors } from "./approve-folder.js";
import type { Actor, AlertOutcome, FailoverAlert } from "./actor-api.js";
import { count, type ActorContext } from "./actor-context.js";
import { buildStatus } from "./build-status.js";
import { takeAlert } from "./take-alert.js";
import { createFirstRecord } from "./create-first-record.js";
import { FactsStore } from "./facts-store.js";
import { createManagedSystemKeeper } from "./managed-system-keeper.js";
import { markChecked } from "./mark-checked.js";
import { createOperations } from "./operations/create-operations.js";
import { adopt } from "./operations/resume-takeover.js";
import { runOperations } from "./operations/runner.js";
import { createPeerAnswers } from "./peer-answers.js";
import { createPauses } from "./pause-switching.js";
import type { ActorPorts } from "./ports.js";
import type { LinkHandlers } from "./link/link.js";
import { newSituation } from "./situation.js";
import { runDataWatch } from "./watch/data-watch.js";
import { runFailoverWatch } from "./watch/failover-watch.js";
import { runGuardWatch } from "./watch/guard-watch.js";
import { runNameWatch } from "./watch/name-watch.js";
import { runOwnershipWatch } from "./watch/ownership-watch.js";
import { keepPromise, runPeerWatch, sendHeartbeat } from "./watch/peer-watch.js";

/**
 * The actor: everything it touches comes in as a port, nothing is kept in modules, so that the simulation runs this
 * very code. Reads what was kept; the loops start with `start`.
 */
export async function createActor(ports: ActorPorts, settings: Settings): Promise<Actor> {
  const store = await FactsStore.open(ports.disk, settings.pair, settings.server);
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
    wakeOperations: () => {
      isWoken = true;
    },
  };
  const pauseUnlessWoken = (seconds: number): number => {
    const pause = isWoken ? 0 : seconds;
    isWoken = false;
    return pause;
  };
  return {
    start: () => {
      ports.log.info("actor-started", { server: settings.server, pair: settings.pair, version: ports.build.version });
      runLoops(context, pauseUnlessWoken);
      return Promise.resolve();
    },
    stop: async (reason) => {
      await announceStop(context, reason);
      stopping.abort();
      for (const part of ports.parts) await part.close();
    },
    status: () => buildStatus(context),
    ...createOperations(context),
    takeAlert: (alert: FailoverAlert): Promise<AlertOutcome> => takeAlert(context, alert),
    setEnabled: (isEnabled, requestedBy, reason) => setEnabled(context, isEnabled, requestedBy, reason),
    ...createPauses(context),
    markChecked: (requestedBy) => markChecked(context, requestedBy),
    approveFolder: (folder, requestedBy) => approveFolder(context, folder, requestedBy),
    folderErrors: () => folderErrors(context),
    testNameServer: () => ports.nameServer.testUpdate(context.signal),
    createFirstRecord: (requestedBy) => createFirstRecord(context, requestedBy),
    adopt: (requestedBy, reason) => adopt(context, { requestedBy, reason }),
    decisions: (limit) => ports.decisions.list(limit),
    count: (name) => {
      count(context, name);
    },
    linkHandlers: allHandlers(context),
  };
}

function runLoops(context: ActorContext, pauseUnlessWoken: (seconds: number) => number): void {
  void Promise.all([
    runOwnershipWatch(context),
    runPeerWatch(context),
    runFailoverWatch(context),
    runDataWatch(context),
    runNameWatch(context),
    runGuardWatch(context),
    runOperations(context, pauseUnlessWoken),
  ]);
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

async function setEnabled(
  context: ActorContext,
  isEnabled: boolean,
  requestedBy: string,
  reason: string,
): Promise<void> {
  const { store, ports } = context;
  if (store.facts.isEnabled === isEnabled) return;
  if (store.facts.operation)
    throw new AppError("OPERATION_RUNNING", "an operation is running; wait until it has ended");
  await store.change((facts) => ({
    ...facts,
    isEnabled,
    enabledBecause: `${requestedBy}: ${reason}`,
    enabledSequence: facts.enabledSequence + 1,
  }));
  ports.log.info(isEnabled ? "turned-on" : "turned-off", { requestedBy, reason });
  await keepPromise(context);
  await sendHeartbeat(context);
}
