import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { decodeMessage } from "../../actor/core/dns-message.js";
import { decodeUpdate, encodeUpdate, type Update } from "../../actor/core/dns-update.js";
import { applyChanges } from "./update-zone.js";
import type { Zone } from "./zone.js";

export interface Journal {
  /** The zone after all updates that were kept. */
  readonly zone: Zone;
  /** Durable when it returns: an update is answered only then (RFC 2136 section 3.5). */
  append(update: Update): void;
  close(): void;
}

/** One update a line, as the hexadecimal text of its message. What was cut off by a crash was never answered: dropped. */
export function openJournal(file: string, zone: Zone): Journal {
  const text = existsSync(file) ? readFileSync(file, "latin1") : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) truncateSync(file, whole.length);
  const replayed = whole
    .split("\n")
    .filter((line) => line !== "")
    .reduce((now, line) => applyChanges(now, decodeUpdate(decodeMessage(Buffer.from(line, "hex"))).changes), zone);
  const descriptor = openSync(file, "a", 0o600);
  return {
    zone: replayed,
    append: (update) => {
      writeSync(descriptor, `${encodeUpdate(0, update).toString("hex")}\n`);
      fdatasyncSync(descriptor);
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}
