import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import type { TableDefinition } from "../core/journal-schema.js";
import type { TableConstraints } from "../core/table-constraints.js";
import type { Link } from "../link/link.js";
import type { DatabaseEngine, ReadLimits } from "./engine.js";

/** What both sides of one database's synchronisation work with on this server. */
export interface SideIo {
  readonly settings: DatabaseSettings;
  readonly engine: DatabaseEngine;
  readonly link: Link;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly log: LoggerPort;
  readonly stateDirectory: string;
}

/** What is known after the database was looked at in a role. */
export interface Prepared {
  readonly tables: readonly TableDefinition[];
  /** See Catalogue.sequences. */
  readonly sequences: readonly string[];
  readonly constraints: TableConstraints;
  readonly epoch: number;
  /** What readFingerprint said; another one means that this must be found out again. */
  readonly fingerprint: string;
}

/** One message on the link: large enough to be quick, small enough to be handled without a noticeable pause. */
const batchBytes = 256 * 1024;

export function readLimits(settings: DatabaseSettings): ReadLimits {
  return { batchRows: settings.batchRows, batchBytes };
}

/** Numbers shown in status, as one side counts them. */
export interface SideNumbers {
  changes: number;
  bytes: number;
}
