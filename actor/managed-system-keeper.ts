import { AppError, errorMessage } from "../shared/core/app-error.js";
import { mayStart } from "./core/ownership.js";
import type { ActorContext, ManagedSystemKeeper } from "./actor-context.js";
import { withDeadline } from "../shared/deadline.js";
import { ownershipClockMs } from "./ownership-clock.js";
import { noteConfirmation } from "./watch/note-confirmation.js";

/**
 * The one choke point through which the managed system is started (docs/ownership.md 7), and the one place that stops it.
 * A stop aborts a start that is under way and then waits for its turn, so that the stop always has the last word.
 */
export function createManagedSystemKeeper(getContext: () => ActorContext): ManagedSystemKeeper {
  let starting: AbortController | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  /** Grows when a start begins and when it ends, so that a look that overlaps with one is recognised. */
  let changes = 0;
  /** A start that was given up before it had ended: it may still bring the managed system up. */
  let launch: Launch | undefined;

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = tail.then(work);
    tail = done.catch(() => undefined);
    return done;
  }

  return {
    start: (signal) =>
      inTurn(async () => {
        const controller = new AbortController();
        starting = controller;
        changes += 1;
        try {
          await startIfOwner(getContext(), AbortSignal.any([signal, controller.signal]), (begun) => {
            launch = begun;
          });
        } finally {
          changes += 1;
          starting = undefined;
        }
      }),
    stop: (because, signal) => {
      starting?.abort();
      return inTurn(async () => {
        const left = launch?.isOver === false ? launch : undefined;
        await stopAndLook(getContext(), because, signal);
        if (!left) return;
        // What the start brings up after that stop would serve beside the server that relies on "stopped".
        await awaitLaunch(getContext(), left, signal);
        await stopAndLook(getContext(), because, signal);
      });
    },
    look: async (signal) => {
      const before = changes;
      const isServing = await look(getContext(), signal);
      // "Stopped" seen while it is being started would keep the fence from aborting the start.
      if (!isServing && (starting !== undefined || before !== changes)) getContext().situation.isServing = true;
      return isServing;
    },
  };
}

/** A start of the managed system, as its port carries it out. */
interface Launch {
  readonly over: Promise<void>;
  isOver: boolean;
}

function beginLaunch(starting: Promise<void>): Launch {
  const launch: Launch = {
    over: starting.then(
      () => undefined,
      () => undefined,
    ),
    isOver: false,
  };
  void launch.over.then(() => {
    launch.isOver = true;
  });
  return launch;
}

async function awaitLaunch({ ports, settings }: ActorContext, launch: Launch, signal: AbortSignal): Promise<void> {
  const limitSeconds = settings.ownership.stopSeconds;
  await withDeadline(ports.clock, { what: "the end of a start under way", limitSeconds, signal }, () => launch.over);
}

/** Longer than any patience with a start; only so that a start that hangs does not hang for ever. */
const startLimitSeconds = 300;

/**
 * The ownership record names a role. Two servers of the same role would both be its owner, so nothing starts until a
 * person has mended that; what serves already goes on.
 */
export function requireDistinctRoles({ server, situation, store }: ActorContext): void {
  const isKept = store.facts.configurationErrors.some(({ reason }) => reason === "same-roles");
  // The peer's own word comes before the error made of it is kept.
  const isHeard = situation.peerRefusal === "same-roles" || situation.peerStatus?.server === server;
  if (!isKept && !isHeard) return;
  throw new AppError("OWNERSHIP_UNCLEAR", `both servers are set up as the ${server}`, {
    hint: "Correct the setting server of one of them, start it again, then: sparesync mark-checked",
  });
}

async function startIfOwner(
  context: ActorContext,
  signal: AbortSignal,
  noteLaunch: (launch: Launch) => void,
): Promise<void> {
  const { ports, settings, store, situation } = context;
  requireDistinctRoles(context);
  const askedAtMs = ownershipClockMs(context);
  const read = await withDeadline(
    ports.clock,
    { what: "reading the ownership record", limitSeconds: settings.dns.limitSeconds, signal },
    (limited) => ports.nameServer.readRecord(limited),
  );
  const verdict = mayStart(read, store.facts);
  if (!verdict.isAllowed) {
    throw new AppError("OWNERSHIP_LOST", `the managed system is not started: ${verdict.because}`);
  }
  // A process that was frozen between the answer and here must not start on old knowledge.
  if ((ownershipClockMs(context) - askedAtMs) / 1000 > settings.ownership.marginSeconds) {
    throw new AppError(
      "OWNERSHIP_UNCLEAR",
      "the managed system is not started: the ownership record was read too long ago",
    );
  }
  noteConfirmation(context, askedAtMs, "update-server");
  situation.isServing = true;
  situation.servingBecause = "being started";
  ports.log.info("managed-system-starting", { epoch: read?.epoch ?? 0 });
  // A start that does not end by itself must not keep a stop waiting; the stop knows what was left behind.
  await withDeadline(
    ports.clock,
    { what: "starting the managed system", limitSeconds: startLimitSeconds, signal },
    (limited) => {
      const started = ports.managedSystem.start(limited);
      noteLaunch(beginLaunch(started));
      return started;
    },
  );
  situation.shouldStart = false;
  situation.isFenced = false;
  ports.log.info("managed-system-started", {});
}

async function stopAndLook(context: ActorContext, because: string, signal: AbortSignal): Promise<void> {
  const { ports, settings, situation } = context;
  ports.log.info("managed-system-stopping", { because });
  // The port escalates to kill within stopSeconds; twice that only guards against a port that hangs.
  await withDeadline(
    ports.clock,
    { what: "stopping the managed system", limitSeconds: settings.ownership.stopSeconds * 2, signal },
    (limited) => ports.managedSystem.stop(limited),
  );
  if (await look(context, signal)) {
    throw new AppError("MANAGED_SYSTEM_FAILED", `the managed system does not stop: ${situation.servingBecause}`);
  }
  ports.log.info("managed-system-stopped", { because });
}

async function look(context: ActorContext, signal: AbortSignal): Promise<boolean> {
  const { ports, situation, settings } = context;
  const limitSeconds = settings.ownership.stopSeconds;
  const seen = await withDeadline(
    ports.clock,
    { what: "looking at the managed system", limitSeconds, signal },
    (limited) => ports.managedSystem.isServing(limited),
  ).catch((error: unknown) => ({ serving: true, isWhole: false, because: `unknown: ${errorMessage(error)}` }));
  situation.isServing = seen.serving;
  situation.isWhole = seen.isWhole;
  situation.servingBecause = seen.because;
  situation.servingCheckedAtWallMs = ports.clock.wallMs();
  return seen.serving;
}
