import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import { dnsSettings } from "../../shared/core/settings/dns-settings.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { OwnershipRecord } from "../../actor/core/ownership-record.js";
import { createNameServerPort } from "../../actor/dns/update-client.js";

/** The real clock, its wall-clock time shifted: what a server with a wrong clock sees. */
export function shiftedClock(shiftMs = 0): ClockPort {
  return {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now() + shiftMs,
    sleep: async (ms, signal) => {
      try {
        await wait(ms, undefined, signal === undefined ? {} : { signal });
      } catch (cause) {
        throw new AppError("ABORTED", "the sleep was aborted", { cause });
      }
    },
  };
}

export interface LoggedLine {
  readonly level: string;
  readonly event: string;
  readonly fields: JsonObject;
}

/** A logger that keeps its lines. */
export function recordingLog(): LoggerPort & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at =
    (level: string) =>
    (event: string, fields: JsonObject = {}): void => {
      lines.push({ level, event, fields });
    };
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A name server under test: real or embedded. Its zone holds `name` with the primary's addresses, and no record. */
export interface TestNameServer {
  readonly port: number;
  readonly zone: string;
  readonly keyName: string;
  readonly tsigSecret: Buffer;
}

export const primaryAddresses = ["192.0.2.10", "2001:db8::10"];
export const secondaryAddresses = ["198.51.100.20"];

type DnsInput = Partial<Record<keyof Settings["dns"], unknown>>;

/** Settings that point at a name server under test. */
export function dnsSettingsFor(server: TestNameServer, changes: DnsInput = {}): Settings["dns"] {
  return dnsSettings.parse({
    updateServer: { host: "127.0.0.1", port: server.port },
    zone: server.zone,
    name: `app.${server.zone}`,
    ttlSeconds: 30,
    addresses: { primary: primaryAddresses, secondary: secondaryAddresses },
    tsig: { keyName: server.keyName },
    ...changes,
  });
}

export interface TestPortOptions {
  readonly settings?: DnsInput;
  readonly tsigSecret?: Buffer;
  readonly clock?: ClockPort;
  readonly log?: LoggerPort;
}

export type TestPort = ReturnType<typeof createNameServerPort>;

/** The port to a name server under test. */
export function portTo(server: TestNameServer, options: TestPortOptions = {}): TestPort {
  return createNameServerPort({
    settings: dnsSettingsFor(server, options.settings),
    tsigSecret: options.tsigSecret ?? server.tsigSecret,
    clock: options.clock ?? shiftedClock(),
    log: options.log ?? recordingLog(),
  });
}

export function record(
  epoch: number,
  active: "primary" | "secondary",
  operationId = `op${String(epoch)}`,
): OwnershipRecord {
  return { epoch, active, operationId };
}
