import type { DatabaseEngine, EngineOptions } from "../engine.js";
import { probe, readCatalogue } from "./catalogue.js";
import { PostgresqlConnection, type Row } from "./connection.js";
import type { EngineContext } from "./context.js";
import { journalSize, requestCopy, stopCapture } from "./capture.js";
import { readFingerprint } from "./fingerprint.js";
import { rebuildIndexes } from "./index-rebuild.js";
import { endingLastingHolders, isMaintenance, namingHolders } from "./lock-holders.js";
import { install, planInstall, remove, reset, useInstalled } from "./install.js";
import { preflight, readInstallation } from "./installation.js";
import { applyPoint } from "./point-applier.js";
import { pendingByTable, readAll, readPoint, readSequences, trim } from "./point-reader.js";
import {
  adopt,
  declareSame,
  describeKeys,
  promote,
  readUnshipped,
  rehearsePromotion,
  touchAll,
  touchKeys,
} from "./promotion.js";
import { compareRangesIn } from "./ranges.js";
import { SqlFiles } from "./sql-files.js";
import { noteHeld, readMarks, readState } from "./state.js";
import { applyCopyChunk, beginCopy, endCopy, readCopyChunk, replaceAll } from "./table-copy.js";
import { tableSizes } from "./table-sizes.js";
import { closeGate, isGateClosed, mendGate, openGate, readWrongGates } from "./write-gate.js";

/** PostgreSQL 13 and up over its protocol, and PGlite behind its socket server. Connects at the first use. */
export function createPostgresqlEngine(options: EngineOptions): DatabaseEngine {
  const context: EngineContext = {
    connection: new PostgresqlConnection(options),
    sql: new SqlFiles(),
    settings: options.settings,
    newId: options.newId,
    tables: undefined,
    lookedAt: undefined,
    lockedFirst: [],
    waitedFor: new Map(),
    canCopyIn: false,
  };
  return { ...installing(context), ...reading(context), ...writing(context), close: () => context.connection.close() };
}

type Installing = Pick<
  DatabaseEngine,
  | (
      | "probe"
      | "readCatalogue"
      | "readFingerprint"
      | "readInstallation"
      | "preflight"
      | "planInstall"
      | "install"
      | "use"
    )
  | (
      | "reset"
      | "startNewHistory"
      | "requestCopy"
      | "withdrawCopy"
      | "remove"
      | "stopCapture"
      | "noteCaptureOff"
      | "journalSize"
      | "databaseSize"
      | "tableSizes"
    )
  | ("readWrongGates" | "mendGate")
  | ("closeGate" | "openGate" | "isGateClosed" | "becomeSource" | "noteVerified")
>;
type Reading = Pick<
  DatabaseEngine,
  | (
      | "readState"
      | "readMarks"
      | "noteHeld"
      | "countPending"
      | "readPoint"
      | "readSequences"
      | "trim"
      | "touchKeys"
      | "touchAll"
      | "describeKeys"
    )
  | ("readCopyChunk" | "readUnshipped" | "readAll")
>;
type Writing = Omit<DatabaseEngine, keyof Installing | keyof Reading | "close">;

async function run(
  { connection, sql }: EngineContext,
  doing: string,
  name: string,
  parameters: readonly (string | number | readonly string[])[],
  signal: AbortSignal,
  parts: Readonly<Record<string, string>> = {},
): Promise<readonly Row[]> {
  return connection.transaction({ signal, doing }, (transaction) =>
    transaction.query(sql.text(name, parts), parameters),
  );
}

function installing(context: EngineContext): Installing {
  const change = async (doing: string, name: string, parameters: readonly (string | number)[], signal: AbortSignal) => {
    await run(context, doing, name, parameters, signal);
  };
  return {
    probe: (signal) => probe(context, signal),
    readCatalogue: (signal) => readCatalogue(context, signal),
    readFingerprint: (signal) => readFingerprint(context, signal),
    readInstallation: (signal) => readInstallation(context, signal),
    preflight: (_, signal) => preflight(context, signal),
    planInstall: (tables, signal) => planInstall(context, tables, signal),
    install: (tables, signal) => install(context, tables, signal),
    use: (tables, signal) => useInstalled(context, tables, signal),
    reset: (signal) => reset(context, signal),
    startNewHistory: (signal) => change("start a new history", "install/new-history", [context.newId()], signal),
    requestCopy: (tables, signal) => requestCopy(context, tables, signal),
    withdrawCopy: (signal) => change("withdraw the wish for a copy", "install/withdraw-copy", [], signal),
    remove: async (signal) => {
      await remove(context, signal);
      return [];
    },
    stopCapture: (because, signal) => stopCapture(context, because, signal),
    noteCaptureOff: (because, signal) =>
      change("note whether all is journalled", "install/note-capture-off", [because], signal),
    journalSize: (signal) => journalSize(context, signal),
    databaseSize: async (signal) => {
      const rows = await run(context, "measure the database", "query/database-size", [], signal);
      return { bytes: Number(rows[0]?.["bytes"]), limitBytes: undefined, place: rows[0]?.["place"] ?? undefined };
    },
    tableSizes: (signal) => tableSizes(context, signal),
    closeGate: (mode, epoch, signal) => closeGate(context, mode, epoch, signal),
    openGate: (signal) => openGate(context, signal),
    readWrongGates: (mode, signal) => readWrongGates(context, mode, signal),
    mendGate: (label, mode, signal) => mendGate(context, label, mode, signal),
    isGateClosed: (signal) => isGateClosed(context, signal),
    becomeSource: async (signal) => {
      await change("become a source", "query/become-source", [], signal);
      return [];
    },
    noteVerified: (atMs, signal) => change("note the verification", "query/note-verified", [atMs], signal),
  };
}

function reading(context: EngineContext): Reading {
  const { connection } = context;
  return {
    readState: (signal) => readState(context, signal),
    readMarks: (signal) => readMarks(context, signal),
    noteHeld: (marks, signal) => noteHeld(context, marks, signal),
    countPending: async (limit, signal) =>
      connection.transaction({ signal, doing: "count the journal" }, async (transaction) => {
        const pending = await pendingByTable(context, transaction, limit);
        return [...pending.values()].reduce((sum, count) => sum + count, 0);
      }),
    readPoint: (request, limits, write, signal) => readPoint(context, request, limits, write, signal),
    readSequences: (limits, write, signal) => readSequences(context, limits, write, signal),
    trim: (token, signal) => trim(context, token, signal),
    touchKeys: (table, keys, signal) => touchKeys(context, table, keys, signal),
    touchAll: (table, signal) => touchAll(context, table, signal),
    describeKeys: (table, keys, signal) => describeKeys(context, table, keys, signal),
    readCopyChunk: (table, place, limits, signal) => readCopyChunk(context, table, place, limits, signal),
    readUnshipped: (applied, limits, write, signal) => readUnshipped(context, applied, limits, write, signal),
    readAll: (limits, write, signal) => readAll(context, limits, write, signal),
  };
}

function writing(context: EngineContext): Writing {
  const { connection } = context;
  return {
    compareRanges: (ranges, signal) =>
      connection.transaction({ signal, doing: "compare ranges", isSnapshot: true }, (transaction) =>
        compareRangesIn(context, transaction, ranges, () => Promise.resolve([])),
      ),
    // On PGlite an open transaction stops everybody else.
    canApplyEarly: context.settings.engine === "postgresql",
    applyPoint: (point, signal) => endingLastingHolders(context, signal, () => applyPoint(context, point, signal)),
    raiseEpoch: async (epoch, signal) => {
      await run(context, "raise the epoch", "apply/raise-epoch", [epoch], signal);
    },
    beginCopy: (request, signal) => beginCopy(context, request, signal),
    applyCopyChunk: (header, chunk, signal) => applyCopyChunk(context, header, chunk, signal),
    endCopy: (header, signal) => endCopy(context, header, signal),
    rebuildIndexes: (signal) => rebuildIndexes(context, signal),
    adopt: (history, epoch, marks, signal) => adopt(context, history, epoch, marks, signal),
    declareSame: (point, signal) => declareSame(context, point, signal),
    rehearsePromotion: (epoch, signal) =>
      namingHolders(context, signal, () => rehearsePromotion(context, epoch, signal)),
    promote: (epoch, history, discarded, signal) =>
      namingHolders(context, signal, () => promote(context, epoch, history, discarded, signal), isMaintenance),
    replaceAll: (batches, signal) => replaceAll(context, batches, signal),
  };
}
