import type { ClockPort, RandomPort } from "../shared/core/clock-port.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { DecisionLogPort } from "./decision-log.js";
import type { EventLogPort } from "./event-log.js";
import type { NameServerPort } from "./dns/name-server-port.js";
import type { GuardFilesPort } from "./guard/guard-files-port.js";
import type { DivergencePort } from "./divergence/divergence-port.js";
import type { DrillPort } from "./drill/drill-port.js";
import type { HooksPort } from "./hooks/hooks-port.js";
import type { Link } from "./link/link.js";
import type { ManagedSystemPort } from "./managed-system/managed-system-port.js";
import type { MessagePorts } from "./notify/message-ports.js";
import type { SyncPart } from "./sync-part.js";
import type { VantagesPort } from "./watch/vantages-port.js";
import type { WitnessPort } from "./witness/witness-port.js";

/** The disk, as the actor needs it: one document, replaced whole. */
export interface FactsDiskPort {
  /** The last document that was written, or undefined when there never was one. Rejects when it cannot be read. */
  read(): Promise<unknown>;
  /** Durable when it resolves; when it rejects or the process dies, the old or the new document is there, whole. */
  write(document: unknown): Promise<void>;
}

/** Everything the actor touches. One set of ports belongs to one incarnation of the process. */
export interface ActorPorts {
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly log: LoggerPort;
  readonly disk: FactsDiskPort;
  readonly link: Link;
  readonly nameServer: NameServerPort;
  readonly managedSystem: ManagedSystemPort;
  readonly guardFiles: GuardFilesPort;
  readonly hooks: HooksPort;
  readonly drill: DrillPort;
  readonly decisions: DecisionLogPort;
  readonly history: EventLogPort;
  readonly divergence: DivergencePort;
  readonly messages: MessagePorts;
  readonly parts: readonly SyncPart[];
  readonly vantages: VantagesPort;
  /** Undefined where none is set. */
  readonly witness?: WitnessPort | undefined;
  /** Whether enough of the external resources answer: this server's own line works. */
  areExternalResourcesAvailable(signal: AbortSignal): Promise<boolean>;
  readonly build: { readonly version: string; readonly settingsHash: string; readonly timeZone: string };
}
