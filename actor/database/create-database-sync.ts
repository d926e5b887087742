import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import { AppError } from "../../shared/core/app-error.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import type { Link, LinkHandler } from "../link/link.js";
import type { DrainResult, SyncPart } from "../sync-part.js";
import { openEngine } from "./open-engine.js";
import { DatabaseItem } from "./sync-loop.js";

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
] as const;

/** All databases of the settings as one SyncPart. Nothing is connected before `setRole`. */
export function createDatabaseSync(options: DatabaseSyncOptions): SyncPart {
  const { databases, readSecret, ...io } = options;
  const items = databases.map((settings) => {
    const engine = openEngine({ settings, readSecret, newId: () => options.random.id() });
    return new DatabaseItem({ ...io, settings, engine });
  });
  const byName = new Map(items.map((item) => [item.name, item]));
  // Without a database there is nothing to observe, and what was asked for is what holds.
  let isEmptySourceClosed = false;
  const each = async (work: (item: DatabaseItem) => Promise<void>): Promise<void> => {
    for (const item of items) await work(item);
  };
  const every = async (ask: (item: DatabaseItem) => Promise<boolean>): Promise<boolean> => {
    for (const item of items) if (!(await ask(item))) return false;
    return true;
  };
  const sum = async (work: (item: DatabaseItem) => Promise<DrainResult>): Promise<DrainResult> => {
    const total = { changesSent: 0, bytesSent: 0 };
    for (const item of items) {
      const sent = await work(item);
      total.changesSent += sent.changesSent;
      total.bytesSent += sent.bytesSent;
    }
    return total;
  };
  return {
    name: "database",
    setRole: async (role) => {
      await Promise.all(items.map((item) => item.setRole(role)));
    },
    synchronise: (signal, onProgress) => sum((item) => item.synchronise(signal, onProgress)),
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
    isPromoted: (signal) => every((item) => item.isPromoted(signal)),
    backUp: async (label, signal) => {
      const places: string[] = [];
      await each(async (item) => {
        const place = await item.backUp(label, signal);
        if (place !== "") places.push(place);
      });
      return places.join(", ");
    },
    status: () => items.map((item) => item.status()),
    details: () => Object.fromEntries(items.map((item) => [item.name, item.details()])),
    handlers: Object.fromEntries(kinds.map((kind) => [`database/${kind}`, handlerFor(kind, byName)])),
    close: async () => {
      await Promise.all(items.map((item) => item.close()));
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
