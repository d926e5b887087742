import type { ClockPort } from "../../shared/core/clock-port.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { LinkRefusal } from "../core/link-refusal.js";

export interface RefusalRecorderPorts {
  readonly log: LoggerPort;
  readonly clock: ClockPort;
  readonly onRefused: (reason: LinkRefusal) => void;
}

export type RecordRefusal = (reason: LinkRefusal, because: string, fields?: JsonObject) => void;

/** Anyone who can connect can cause a refusal: all are counted, but the log gets one line per reason and minute. */
const silenceMs = 60_000;

/** What happens without anyone's fault: port scans, and a peer that does not know yet that this actor was restarted. */
const harmless: ReadonlySet<LinkRefusal> = new Set<LinkRefusal>(["connection-failed", "unknown-session"]);

/** Counts refusals and names them in the log. */
export function createRefusalRecorder({ log, clock, onRefused }: RefusalRecorderPorts): RecordRefusal {
  const lines = new Map<LinkRefusal, { atMs: number; unlogged: number }>();
  return (reason, because, fields = {}) => {
    onRefused(reason);
    const nowMs = clock.monotonicMs();
    const last = lines.get(reason);
    if (last !== undefined && nowMs - last.atMs < silenceMs) {
      last.unlogged += 1;
      return;
    }
    lines.set(reason, { atMs: nowMs, unlogged: 0 });
    const write = harmless.has(reason) ? log.info.bind(log) : log.warn.bind(log);
    write("link-refused", { reason, because, ...fields, unlogged: last?.unlogged ?? 0 });
  };
}
