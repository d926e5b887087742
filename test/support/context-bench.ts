import { noMail } from "./no-mail.js";
import type { MessagePorts } from "../../actor/notify/message-ports.js";
import type { EventRecord } from "../../shared/core/event-record.js";
import type { ActorContext } from "../../actor/actor-context.js";
import { emptyFacts, type KeptFacts } from "../../actor/core/kept-facts.js";
import type { OwnershipRecord } from "../../actor/core/ownership-record.js";
import type { NameRecords } from "../../actor/core/dns-records.js";
import type { NameServerTestLine } from "../../actor/dns/test-update.js";
import type { UpdateOutcome } from "../../actor/dns/name-server-port.js";
import { rememberEvents } from "./remember-events.js";
import { rememberDecisions } from "./remember-decisions.js";
import type { DecisionRecord } from "../../actor/core/decision-record.js";
import type { GuardReport, Lease } from "../../actor/core/lease.js";
import type { GuardFilesPort } from "../../actor/guard/guard-files-port.js";
import { FactsStore } from "../../actor/facts-store.js";
import { createDrill } from "../../actor/drill/create-drill.js";
import type { DrillPort } from "../../actor/drill/drill-port.js";
import type { HooksPort } from "../../actor/hooks/hooks-port.js";
import type { LinkMessage } from "../../actor/link/link.js";
import { createManagedSystemKeeper } from "../../actor/managed-system-keeper.js";
import type { ActorPorts } from "../../actor/ports.js";
import { newSituation } from "../../actor/situation.js";
import { AppError } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { ServerName } from "../../shared/core/server-name.js";
import type { VantageWord } from "../../shared/core/vantage.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { KeyInMemory } from "./key-in-memory.js";
import { rememberLog } from "./log-memory.js";
import { ManualClock } from "./manual-clock.js";
import { rememberDivergence } from "./remember-divergence.js";
import { exampleSettings } from "./settings-example.js";

export const firstRecord: OwnershipRecord = { epoch: 1, active: "primary", operationId: "first" };

/** The ports of one actor, each as simple as it can be; a test replaces what it is about. */
export class FakePorts implements ActorPorts {
  readonly clock = new ManualClock();
  readonly log = rememberLog();
  readonly build = { version: "test", settingsHash: "h", timeZone: "UTC" };
  readonly parts: ActorPorts["parts"] = [];
  document: unknown = undefined;
  /** What the disk does before it keeps a document; throws to fail. */
  beforeWrite: () => Promise<void> = () => Promise.resolve();
  record: OwnershipRecord | undefined = firstRecord;
  readRecord: () => Promise<OwnershipRecord | undefined> = () => Promise.resolve(this.record);
  claim: (next: OwnershipRecord) => Promise<UpdateOutcome> = (next) => {
    this.record = next;
    return Promise.resolve({ kind: "done" });
  };
  /** What the peer answers; without one nobody answers. */
  peer: (kind: string, fields: JsonObject) => Promise<JsonObject> = () =>
    Promise.reject(new AppError("PEER_UNREACHABLE", "no answer"));
  isServing = false;
  isActiveAvailable = true;
  startApp: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  readonly done: string[] = [];
  #lastId = 0;

  lease: Lease | undefined;
  report: GuardReport | undefined;
  readonly guardFiles: GuardFilesPort = {
    readLease: () => Promise.resolve(this.lease),
    writeLease: (lease) => Promise.resolve(void (this.lease = lease)),
    readReport: () => Promise.resolve(this.report),
    writeReport: (report) => Promise.resolve(void (this.report = report)),
  };
  /** What each hook was told, by name, and what it answers. */
  readonly hooksRun: { readonly name: string; readonly variables: Readonly<Record<string, string>> }[] = [];
  readonly failingHooks = new Set<string>();
  keptDrills: unknown = undefined;
  readonly drill: { -readonly [Key in keyof DrillPort]: DrillPort[Key] } = {
    read: () => Promise.resolve(this.keptDrills),
    write: (document: unknown) => Promise.resolve(void (this.keptDrills = structuredClone(document))),
    application: undefined,
  };
  readonly divergence = rememberDivergence();
  readonly hooks: HooksPort = {
    run: ({ name }, variables) => {
      this.hooksRun.push({ name, variables });
      const hasSucceeded = !this.failingHooks.has(name);
      return Promise.resolve({ hasSucceeded, ending: `exited with ${hasSucceeded ? 0 : 1}` });
    },
  };
  readonly decided: DecisionRecord[] = [];
  readonly decisions = rememberDecisions(this.decided);
  readonly happened: EventRecord[] = [];
  readonly history = rememberEvents(this.happened);
  readonly messages: MessagePorts = noMail;
  readonly random = { id: (): string => `id${++this.#lastId}` };
  readonly disk = {
    read: (): Promise<unknown> => Promise.resolve(this.document),
    write: async (document: unknown): Promise<void> => {
      await this.beforeWrite();
      this.document = structuredClone(document);
    },
  };
  readonly link = {
    ask: async (kind: string, { fields }: LinkMessage): Promise<LinkMessage> => ({
      fields: JSON.parse(JSON.stringify(await this.peer(kind, fields))) as JsonObject,
    }),
  };
  readonly nameServer = {
    readRecord: (): Promise<OwnershipRecord | undefined> => this.readRecord(),
    claim: (_previous: OwnershipRecord | undefined, next: OwnershipRecord): Promise<UpdateOutcome> => this.claim(next),
    publish: (): Promise<UpdateOutcome> => Promise.resolve({ kind: "done" }),
    readAddresses: () => Promise.resolve([{ server: "ns", addresses: [this.record?.active ?? ""] }]),
    moreNamesOf: (): readonly NameRecords[] => [],
    readSerial: () => Promise.resolve(1),
    testUpdate: (): Promise<readonly NameServerTestLine[]> => Promise.resolve([]),
    addressesOf: (server: ServerName): readonly string[] => [server],
  };
  readonly managedSystem = {
    start: async (signal: AbortSignal): Promise<void> => {
      this.done.push("start");
      await this.startApp(signal);
      this.isServing = true;
    },
    stop: (): Promise<void> => {
      this.done.push("stop");
      this.isServing = false;
      return Promise.resolve();
    },
    isServing: () =>
      Promise.resolve({
        serving: this.isServing,
        isWhole: this.isServing,
        because: this.isServing ? "runs" : "stopped",
      }),
    probeLocal: () => Promise.resolve({ available: this.isServing, because: "", durationMs: 1 }),
    probePublic: () => Promise.resolve({ available: this.isActiveAvailable, because: "", durationMs: 1 }),
  };
  /** What other vantages say. */
  words: readonly VantageWord[] = [];
  readonly vantages = { look: () => Promise.resolve(this.words) };
  witness: KeyInMemory | undefined = undefined;
  areExternalResourcesAvailable = (): Promise<boolean> => Promise.resolve(true);

  /** The events that were logged at or above `info`. */
  events(): string[] {
    return this.log.lines.filter(({ level }) => level !== "debug").map(({ event }) => event);
  }
}

export interface ContextBench {
  readonly context: ActorContext;
  readonly ports: FakePorts;
  readonly stopping: AbortController;
  /** What is durable now. */
  readonly kept: () => KeptFacts;
}

export interface BenchOptions {
  readonly facts?: Partial<KeptFacts>;
  readonly settings?: Settings;
  readonly prepare?: (ports: FakePorts) => void;
}

/** The context of one actor without its loops: functions of the actor are called one by one. */
export async function benchContext(server: ServerName, options: BenchOptions = {}): Promise<ContextBench> {
  const settings =
    options.settings ??
    exampleSettings((input) => {
      input.server = server;
    });
  const ports = new FakePorts();
  ports.document = {
    ...emptyFacts("shop", server),
    record: firstRecord,
    readyRecordIds: [firstRecord.operationId],
    ...options.facts,
  };
  options.prepare?.(ports);
  const stopping = new AbortController();
  const context: ActorContext = {
    ports,
    settings,
    server,
    store: await FactsStore.open(ports.disk, "shop", server, () => ports.clock.wallMs()),
    situation: newSituation(ports.clock.wallMs()),
    signal: stopping.signal,
    keeper: createManagedSystemKeeper(() => context),
    drill: createDrill(() => context),
    wakeOperations: () => undefined,
  };
  return { context, ports, stopping, kept: () => ports.document as KeptFacts };
}
