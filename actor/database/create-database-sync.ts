import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import type { Link, LinkHandler } from "../link/link.js";
import type { DrainResult, RehearsedPart, SyncPart } from "../sync-part.js";
import { openEngine } from "./open-engine.js";
import { DatabaseItem } from "./sync-loop.js";
import type { VerificationReport } from "./verify-database.js";

/** What a person may ask of one database, besides what every SyncPart does. All are for the source. */
export interface DatabaseSync extends SyncPart {
  /** Copies everything, or the tables named (schema.table), once more. */
  reinitialise(
    request: { readonly database: string; readonly tables: readonly string[] | undefined },
    signal: AbortSignal,
  ): Promise<void>;
  /** Compares all rows of both sides at full speed. */
  verify(
    request: { readonly database: string; readonly isRepairing: boolean },
    signal: AbortSignal,
  ): Promise<VerificationReport>;
  /** Declares both sides identical, while synchronisation is turned off. */
  declareSame(request: { readonly database: string; readonly isVerified: boolean }, signal: AbortSignal): Promise<void>;
}

/** What the database half of synchronisation is made of. Paths in the settings are absolute. */
export interface DatabaseSyncOptions {
  readonly databases: readonly DatabaseSettings[];
  /** Reads a file with a secret; without a trailing newline. */
  readonly readSecret: (file: string) => Promise<string>;
  readonly stateDirectory: string;
  readonly link: Link;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  readonly random: RandomPort;
}

const kinds = [
  "position",
  "stage",
  "apply",
  "current",
  "copy-begin",
  "copy-chunk",
  "copy-end",
  "unshipped-keys",
  "unshipped-page",
  "adopt",
  "compare",
  "count",
  "room",
  "declare",
] as const;

/** All databases of the settings as one SyncPart. Nothing is connected before `setRole`. */
export function createDatabaseSync(options: DatabaseSyncOptions): DatabaseSync {
  const { databases, readSecret, ...io } = options;
  const items = databases.map((settings) => {
    const engine = openEngine({ settings, readSecret, newId: () => options.random.id() });
    return new DatabaseItem({ ...io, settings, engine });
  });
  const byName = new Map(items.map((item) => [item.name, item]));
  const named = (name: string): DatabaseItem => {
    const item = byName.get(name);
    if (item) return item;
    const hint = `There are: ${[...byName.keys()].join(", ") || "none"}.`;
    throw new AppError("NOT_FOUND", `there is no database ${JSON.stringify(name)} in the settings`, { hint });
  };
  // Without a database there is nothing to observe, and what was asked for is what holds.
  let isEmptySourceClosed = false;
  const { each, every, sum } = allOf(items);
  return {
    name: "database",
    setRole: async (role) => {
      await Promise.all(items.map((item) => item.setRole(role)));
    },
    synchronise: (signal, onProgress) => sum((item) => item.synchronise(signal, onProgress)),
    compareReturned: (signal) => each((item) => item.compareReturned(signal)),
    releaseReplaced: async () => {
      await each((item) => item.releaseUnknown());
      return 0;
    },
    closeSource: async (signal) => {
      await each((item) => item.closeSource(signal));
      isEmptySourceClosed = true;
    },
    openSource: async (signal) => {
      await each((item) => item.openSource(signal));
      isEmptySourceClosed = false;
    },
    isSourceClosed: async (signal) =>
      items.length === 0 ? isEmptySourceClosed : every((item) => item.isSourceClosed(signal)),
    drain: (signal, onProgress) => sum((item) => item.drain(signal, onProgress)),
    raiseEpoch: (epoch, signal) => each((item) => item.raiseEpoch(epoch, signal)),
    promote: (epoch, signal) => each((item) => item.promote(epoch, signal)),
    rehearsePromotion: (epoch, signal) => rehearseAll(items, epoch, signal),
    isPromoted: (signal) => every((item) => item.isPromoted(signal)),
    backUp: (label, signal) => backUpAll(items, label, signal),
    reinitialise: async ({ database, tables }, signal) => named(database).reinitialise(tables, signal),
    verify: async ({ database, isRepairing }, signal) => named(database).verify(isRepairing, signal),
    declareSame: async ({ database, isVerified }, signal) => named(database).declareSame(isVerified, signal),
    takeTurnOff: () => {
      const reasons = items.map((item) => item.takeTurnOff()).filter((because) => because !== undefined);
      return reasons.length === 0 ? undefined : reasons.join("; ");
    },
    status: () => items.map((item) => item.status()),
    details: () => Object.fromEntries(items.map((item) => [item.name, item.details()])),
    handlers: Object.fromEntries(kinds.map((kind) => [`database/${kind}`, handlerFor(kind, byName)])),
    close: async () => {
      await Promise.all(items.map((item) => item.close()));
    },
  };
}

/** The places of all backups, for people. */
async function backUpAll(items: readonly DatabaseItem[], label: string, signal: AbortSignal): Promise<string> {
  const places: string[] = [];
  for (const item of items) places.push(await item.backUp(label, signal));
  return places.filter((place) => place !== "").join(", ");
}

/** One after the other, also after one that cannot be promoted: each is told of. */
async function rehearseAll(
  items: readonly DatabaseItem[],
  epoch: number,
  signal: AbortSignal,
): Promise<readonly RehearsedPart[]> {
  const rehearsed: RehearsedPart[] = [];
  for (const item of items) {
    const because = await item.rehearsePromotion(epoch, signal).then(() => "", errorMessage);
    rehearsed.push({ name: `database ${item.name}`, because });
  }
  return rehearsed;
}

/** What is asked of all databases is asked of one after the other. */
function allOf(items: readonly DatabaseItem[]): {
  readonly each: (work: (item: DatabaseItem) => Promise<void>) => Promise<void>;
  readonly every: (ask: (item: DatabaseItem) => Promise<boolean>) => Promise<boolean>;
  readonly sum: (work: (item: DatabaseItem) => Promise<DrainResult>) => Promise<DrainResult>;
} {
  return {
    each: async (work) => {
      for (const item of items) await work(item);
    },
    every: async (ask) => {
      for (const item of items) if (!(await ask(item))) return false;
      return true;
    },
    sum: async (work) => {
      const total = { changesSent: 0, bytesSent: 0 };
      for (const item of items) {
        const sent = await work(item);
        total.changesSent += sent.changesSent;
        total.bytesSent += sent.bytesSent;
      }
      return total;
    },
  };
}

function handlerFor(kind: string, byName: ReadonlyMap<string, DatabaseItem>): LinkHandler {
  return async (message) => {
    const name = message.fields["database"];
    const item = typeof name === "string" ? byName.get(name) : undefined;
    if (!item) throw new AppError("REQUEST_INVALID", `a message names an unknown database: ${JSON.stringify(name)}`);
    return item.answer(kind, message);
  };
}
