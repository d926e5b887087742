import type { z } from "zod";
import type { folderSettings } from "../../shared/core/settings/data-settings.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { TransferLimits } from "../../actor/files/transfer-limits.js";
import type { DataRole, DrainResult, SyncItemStatus } from "../../actor/sync-part.js";

/** One server's files half in a process of its own: what it needs to know to begin. */
export interface FileSideOptions {
  readonly server: "primary" | "secondary";
  readonly folders: readonly z.input<typeof folderSettings>[];
  readonly stateDirectory: string;
  readonly listenPort: number;
  /** Where the other side is reached; not always its own port: something may count the bytes in between. */
  readonly peerPort: number;
  readonly certificate: string;
  readonly privateKey: string;
  readonly peerCertificate: string;
  readonly pairKeyHex: string;
  /** Where link and disk are used otherwise than by default. */
  readonly transfer?: Partial<TransferLimits>;
}

/** What a side does for its parent, and what it answers. */
export interface FileSideWork {
  readonly open: { readonly asks: FileSideOptions; readonly answers: null };
  readonly "set-role": { readonly asks: DataRole; readonly answers: null };
  readonly synchronise: { readonly asks: null; readonly answers: DrainResult };
  readonly "compare-contents": { readonly asks: null; readonly answers: DrainResult };
  readonly drain: { readonly asks: null; readonly answers: DrainResult };
  readonly status: { readonly asks: null; readonly answers: readonly SyncItemStatus[] };
  readonly details: { readonly asks: null; readonly answers: JsonObject };
  readonly "watch-only": { readonly asks: string; readonly answers: null };
  readonly close: { readonly asks: null; readonly answers: null };
}
export type FileSideTask = keyof FileSideWork;

export interface FileSideRequest {
  readonly id: number;
  readonly task: FileSideTask;
  readonly value: unknown;
}

export interface FileSideAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
