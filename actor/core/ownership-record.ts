import type { ServerName } from "../../shared/core/server-name.js";

/** The content of `_sparesync.<name> TXT`: who owns the name, since which epoch, by which operation. */
export interface OwnershipRecord {
  readonly epoch: number;
  readonly active: ServerName;
  readonly operationId: string;
}

const form = /^epoch=(0|[1-9][0-9]{0,14}) active=(primary|secondary) op=([a-z0-9]{1,64})$/;

/** The text of the TXT record. It is compared byte by byte as the prerequisite of the next claim. */
export function encodeOwnershipRecord(record: OwnershipRecord): string {
  return `epoch=${String(record.epoch)} active=${record.active} op=${record.operationId}`;
}

/** Reads the text of a TXT record; undefined when it is not of the exact form (nothing is guessed). */
export function decodeOwnershipRecord(text: string): OwnershipRecord | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  return { epoch: Number(match[1]), active: match[2] as ServerName, operationId: match[3] as string };
}

export function isSameRecord(a: OwnershipRecord, b: OwnershipRecord): boolean {
  return a.epoch === b.epoch && a.active === b.active && a.operationId === b.operationId;
}
