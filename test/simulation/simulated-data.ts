import { AppError } from "../../shared/core/app-error.js";
import type { DataRole, SyncItemStatus, SyncPart } from "../../actor/sync-part.js";
import type { LinkHandlers } from "../../actor/link/link.js";
import type { SimulatedHost } from "./simulated-host.js";

/** What one server's disk holds of the data: row numbers, and the marks that must survive a crash. */
export interface SimulatedRows {
  readonly rows: Set<number>;
  isGateClosed: boolean;
  epoch: number;
  promotedEpoch: number;
  isPromoted: boolean;
}

export function newRows(): SimulatedRows {
  return { rows: new Set(), isGateClosed: false, epoch: 0, promotedEpoch: 0, isPromoted: false };
}

/**
 * A stand-in for files and databases: rows are numbers, a source pushes what the target lacks. Every call takes
 * virtual time, so that it can be interrupted anywhere.
 */
export function createSimulatedData(host: SimulatedHost, isAlive: () => boolean): SyncPart {
  const { data, world } = host;
  let role: DataRole = { role: "idle", epoch: 0 };
  let completeUpToMs = 0;
  const peerRows = (): Set<number> => world.host(host.peer).data.rows;
  const missing = (): number[] => [...data.rows].filter((row) => !peerRows().has(row));

  async function push(signal?: AbortSignal): Promise<number> {
    const sentAtMs = host.wallMs();
    const rows = missing();
    await host.link.ask(
      "data/apply",
      { fields: { epoch: role.epoch, rows } },
      { limitSeconds: 5, ...(signal ? { signal } : {}) },
    );
    completeUpToMs = sentAtMs;
    return rows.length;
  }

  const loop = async (): Promise<void> => {
    while (isAlive()) {
      await host.clock.sleep(1000);
      if (role.role === "source" && role.continuous) await push().catch(() => undefined);
    }
  };
  void loop();

  const handlers: LinkHandlers = {
    "data/apply": async ({ fields }) => {
      const { epoch, rows } = fields as { epoch: number; rows: number[] };
      await host.effect(5, () => {
        if (role.role !== "target" || epoch !== role.epoch || epoch < data.epoch) {
          throw new AppError("EPOCH_TOO_OLD", `batch of epoch ${epoch} refused`);
        }
        if (epoch < data.promotedEpoch)
          world.violations.push(`${host.name} applied epoch ${epoch} after its promotion`);
        // A reverse synchronisation makes the target identical; what only it had is in its divergence report.
        const source = world.host(host.peer).data.rows;
        for (const row of [...data.rows]) if (!source.has(row)) world.noteDiverged(host.name, row, data.rows);
        for (const row of rows) data.rows.add(row);
      });
      return { fields: {} };
    },
  };

  return {
    name: "database",
    setRole: (next) =>
      host.effect(5 + host.extraRoleMs * 2, () => {
        role = next;
        if (next.role === "target") {
          data.isGateClosed = true;
          data.isPromoted = false;
        }
      }),
    synchronise: async (signal) => ({ changesSent: await push(signal), bytesSent: 0 }),
    closeSource: () =>
      host.effect(20, () => {
        if (host.broken.has("closing")) throw new AppError("DATABASE_FAILED", "a session cannot be ended");
        data.isGateClosed = true;
      }),
    openSource: () =>
      host.effect(20, () => {
        data.isGateClosed = false;
      }),
    isSourceClosed: () => host.look(2, () => data.isGateClosed),
    drain: async (signal) => {
      let changesSent = 0;
      do changesSent += await push(signal);
      while (missing().length > 0);
      return { changesSent, bytesSent: 0 };
    },
    raiseEpoch: (epoch) =>
      host.effect(5, () => {
        if (host.broken.has("raising")) throw new AppError("DATABASE_FAILED", "the marks cannot be written");
        data.epoch = Math.max(data.epoch, epoch);
      }),
    promote: (epoch) =>
      host.effect(20, () => {
        if (host.isPromotionBroken) throw new AppError("DATABASE_FAILED", "a trigger cannot be enabled");
        world.notePromotion(host.name, epoch);
        data.isGateClosed = false;
        data.isPromoted = true;
        data.promotedEpoch = epoch;
      }),
    isPromoted: () => host.look(2, () => data.isPromoted),
    backUp: () =>
      host.effect(50, () => {
        if (host.broken.has("backup")) throw new AppError("DATABASE_FAILED", "the backup program ended with 1");
        return "";
      }),
    status: () => {
      const pending = role.role === "source" && completeUpToMs > 0 ? missing().length : 0;
      const shown = { ...status(completeUpToMs, pending), isComplete: !host.broken.has("copy") };
      return host.dataProblem === "" ? [shown] : [{ ...shown, health: "fatal", because: host.dataProblem }];
    },
    details: () => ({}),
    handlers,
    close: () => Promise.resolve(),
  };
}

function status(completeUpToMs: number, pendingChanges: number): SyncItemStatus {
  return {
    kind: "database",
    name: "shop",
    health: "ok",
    because: "",
    pendingChanges,
    pendingBytes: 0,
    oldestPendingAtMs: 0,
    completeUpToMs: Math.max(1, completeUpToMs),
    lastSuccessAtMs: completeUpToMs,
    lastFullAnalysisAtMs: 0,
    changesApplied: 0,
    bytesApplied: 0,
    isComplete: true,
    isReinitialising: false,
    progressRatio: 1,
  };
}
