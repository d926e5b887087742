import type { DatabaseEngine, EngineOptions } from "../engine.js";
import { probe, readCatalogue } from "./catalogue.js";
import { PostgresqlConnection } from "./connection.js";
import type { EngineContext } from "./context.js";
import { install, remove } from "./install.js";
import { applyPoint } from "./point-applier.js";
import { pendingByTable, readAll, readPoint, trim } from "./point-reader.js";
import { adopt, promote, readUnshipped, touchAll, touchKeys } from "./promotion.js";
import { SqlFiles } from "./sql-files.js";
import { readState } from "./state.js";
import { applyCopyChunk, beginCopy, endCopy, readCopyChunk, replaceAll } from "./table-copy.js";
import { closeGate, isGateClosed, openGate } from "./write-gate.js";

/** PostgreSQL 13 and up over its protocol, and PGlite behind its socket server. Connects at the first use. */
export function createPostgresqlEngine(options: EngineOptions): DatabaseEngine {
  const connection = new PostgresqlConnection(options);
  const sql = new SqlFiles();
  const context: EngineContext = {
    connection,
    sql,
    settings: options.settings,
    newId: options.newId,
    tables: undefined,
  };
  const statement = (doing: string, name: string, parameters: readonly (string | number)[], signal: AbortSignal) =>
    connection.transaction({ signal, doing }, async (transaction) => {
      await transaction.query(sql.text(name), parameters);
    });
  return {
    probe: (signal) => probe(context, signal),
    readCatalogue: (signal) => readCatalogue(context, signal),
    install: (tables, signal) => install(context, tables, signal),
    startNewHistory: (signal) => statement("start a new history", "install/new-history", [options.newId()], signal),
    remove: (signal) => remove(context, signal),
    readState: (signal) => readState(context, signal),
    becomeSource: (signal) => statement("become a source", "query/become-source", [], signal),
    closeGate: (mode, epoch, signal) => closeGate(context, mode, epoch, signal),
    openGate: (signal) => openGate(context, signal),
    isGateClosed: (signal) => isGateClosed(context, signal),
    countPending: async (limit, signal) =>
      connection.transaction({ signal, doing: "count the journal" }, async (transaction) => {
        const pending = await pendingByTable(context, transaction, limit);
        return [...pending.values()].reduce((sum, count) => sum + count, 0);
      }),
    readPoint: (point, limits, write, signal) => readPoint(context, point, limits, write, signal),
    trim: (token, signal) => trim(context, token, signal),
    touchKeys: (table, keys, signal) => touchKeys(context, table, keys, signal),
    touchAll: (table, signal) => touchAll(context, table, signal),
    applyPoint: (point, signal) => applyPoint(context, point, signal),
    raiseEpoch: (epoch, signal) => statement("raise the epoch", "apply/raise-epoch", [epoch], signal),
    beginCopy: (history, epoch, signal) => beginCopy(context, history, epoch, signal),
    readCopyChunk: (table, after, limits, signal) => readCopyChunk(context, table, after, limits, signal),
    applyCopyChunk: (header, chunk, signal) => applyCopyChunk(context, header, chunk, signal),
    endCopy: (header, signal) => endCopy(context, header, signal),
    readUnshipped: (applied, limits, write, signal) => readUnshipped(context, applied, limits, write, signal),
    adopt: (history, epoch, signal) => adopt(context, history, epoch, signal),
    promote: (epoch, history, discarded, signal) => promote(context, epoch, history, discarded, signal),
    readAll: (limits, write, signal) => readAll(context, limits, write, signal),
    replaceAll: (batches, signal) => replaceAll(context, batches, signal),
    close: () => connection.close(),
  };
}
