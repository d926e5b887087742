import type { DatabaseEngine, EngineOptions } from "../engine.js";
import { probe, readCatalogue } from "./catalogue.js";
import { SqlServerConnection } from "./connection.js";
import type { EngineContext } from "./context.js";
import { databaseSize, journalSize, noteCaptureOff, requestCopy, stopCapture } from "./capture.js";
import { describeKeys } from "./describe-keys.js";
import { readFingerprint } from "./fingerprint.js";
import { install, planInstall, remove, reset, useInstalled } from "./install.js";
import { readInstallation } from "./installation.js";
import { applyPoint } from "./point-applier.js";
import { lookAtSequences, pendingByTable, readAll, readPoint, trim } from "./point-reader.js";
import { preflight } from "./preflight.js";
import { adopt, declareSame, promote, readUnshipped, rehearsePromotion, touchAll, touchKeys } from "./promotion.js";
import { compareRangesIn } from "./ranges.js";
import { rowCounts } from "./row-counts.js";
import { trustForeignKeys } from "./silenced-rules.js";
import { noteHeld, readMarks, readState } from "./state.js";
import { applyCopyChunk, beginCopy, endCopy, readCopyChunk, replaceAll } from "./table-copy.js";
import { closeGate, isGateClosed, mendGate, openGate, readWrongGates } from "./write-gate.js";

/** What the setting `schemas` says when nobody has said anything: the word of PostgreSQL. */
const defaultSchemas = "public";

/** SQL Server 2008 and up, every edition, and Babelfish, over TDS. Connects at the first use. */
export function createSqlServerEngine(options: EngineOptions): DatabaseEngine {
  const { schemas } = options.settings;
  const isDefault = schemas.length === 1 && schemas[0] === defaultSchemas;
  const settings = isDefault ? { ...options.settings, schemas: ["dbo"] } : options.settings;
  const connection = new SqlServerConnection({ ...options, settings });
  const context: EngineContext = { connection, settings, newId: options.newId, tables: undefined, lookedAt: undefined };
  const statement = (doing: string, name: string, parameters: readonly (string | number)[], signal: AbortSignal) =>
    connection.transaction({ signal, doing }, async (transaction) => {
      await transaction.query(transaction.text(name), parameters);
    });
  return {
    probe: (signal) => probe(context, signal),
    readCatalogue: (signal) => readCatalogue(context, signal),
    ...installationMethods(context),
    noteVerified: (atMs, signal) => statement("note the verification", "query/note-verified", [atMs], signal),
    startNewHistory: (signal) => statement("start a new history", "install/new-history", [options.newId()], signal),
    withdrawCopy: (signal) => statement("withdraw the wish for a copy", "install/withdraw-copy", [], signal),
    remove: (signal) => remove(context, signal),
    readState: (signal) => readState(context, signal),
    becomeSource: async (signal) => {
      await statement("become a source", "query/become-source", [], signal);
      return trustForeignKeys(context, signal);
    },
    ...gateMethods(context),
    rowCounts: rowCounts(context),
    countPending: async (limit, signal) =>
      // As of a snapshot: a plain count would wait for the application's open transactions.
      connection.transaction({ signal, doing: "count the journal", isSnapshot: true }, async (transaction) => {
        const pending = await pendingByTable(context, transaction, limit);
        return [...pending.values()].reduce((sum, count) => sum + count, 0);
      }),
    readPoint: (request, limits, write, signal) => readPoint(context, request, limits, write, signal),
    readSequences: (_, write, signal) => lookAtSequences(context, write, signal),
    trim: (token, signal) => trim(context, token, signal),
    touchKeys: (table, keys, signal) => touchKeys(context, table, keys, signal),
    touchAll: (table, signal) => touchAll(context, table, signal),
    describeKeys: (table, keys, signal) => describeKeys(context, table, keys, signal),
    compareRanges: (ranges, signal) =>
      connection.transaction({ signal, doing: "compare ranges", isSnapshot: true, isLarge: true }, (transaction) =>
        compareRangesIn(context, transaction, ranges, () => Promise.resolve([])),
      ),
    canApplyEarly: false,
    applyPoint: (point, signal) => applyPoint(context, point, signal),
    raiseEpoch: (epoch, signal) => statement("raise the epoch", "apply/raise-epoch", [epoch], signal),
    beginCopy: (request, signal) => beginCopy(context, request, signal),
    readCopyChunk: (table, place, limits, signal) => readCopyChunk(context, table, place, limits, signal),
    applyCopyChunk: (header, chunk, signal) => applyCopyChunk(context, header, chunk, signal),
    endCopy: (header, signal) => endCopy(context, header, signal),
    // A copy sets nothing aside here.
    rebuildIndexes: () => Promise.resolve(),
    readUnshipped: (applied, limits, write, signal) => readUnshipped(context, applied, limits, write, signal),
    adopt: (history, epoch, marks, signal) => adopt(context, history, epoch, marks, signal),
    declareSame: (point, signal) => declareSame(context, point, signal),
    rehearsePromotion: (epoch, signal) => rehearsePromotion(context, epoch, signal),
    promote: (epoch, history, discarded, signal) => promote(context, epoch, history, discarded, signal),
    readAll: (limits, write, signal) => readAll(context, limits, write, signal),
    replaceAll: (batches, signal) => replaceAll(context, batches, signal),
    close: () => connection.close(),
  };
}

type GateMethods = Pick<DatabaseEngine, "closeGate" | "openGate" | "readWrongGates" | "mendGate" | "isGateClosed">;

function gateMethods(context: EngineContext): GateMethods {
  return {
    closeGate: (mode, epoch, signal) => closeGate(context, mode, epoch, signal),
    openGate: (signal) => openGate(context, signal),
    readWrongGates: (mode, signal) => readWrongGates(context, mode, signal),
    mendGate: (label, mode, signal) => mendGate(context, label, mode, signal),
    isGateClosed: (signal) => isGateClosed(context, signal),
  };
}

type InstallationMethods = Pick<
  DatabaseEngine,
  | "readFingerprint"
  | "readInstallation"
  | "preflight"
  | "planInstall"
  | "install"
  | "use"
  | "reset"
  | "requestCopy"
  | "readMarks"
  | "noteHeld"
  | "journalSize"
  | "databaseSize"
  | "stopCapture"
  | "noteCaptureOff"
>;

/** What concerns the scripts and the journals as such. */
function installationMethods(context: EngineContext): InstallationMethods {
  return {
    readFingerprint: (signal) => readFingerprint(context, signal),
    readInstallation: (signal) => readInstallation(context, signal),
    preflight: (_, signal) => preflight(context, signal),
    planInstall: (tables, signal) => planInstall(context, tables, signal),
    install: (tables, signal) => install(context, tables, signal),
    use: (tables, signal) => useInstalled(context, tables, signal),
    reset: (signal) => reset(context, signal),
    requestCopy: (tables, signal) => requestCopy(context, tables, signal),
    readMarks: (signal) => readMarks(context, signal),
    noteHeld: (marks, signal) => noteHeld(context, marks, signal),
    journalSize: (signal) => journalSize(context, signal),
    databaseSize: (signal) => databaseSize(context, signal),
    stopCapture: (because, signal) => stopCapture(context, because, signal),
    noteCaptureOff: (because, signal) => noteCaptureOff(context, because, signal),
  };
}
