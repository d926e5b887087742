import type { FileKind } from "./file-entry.js";

/** What a file, folder or link is given beside its content. Without owner and group these stay as they are. */
export interface WireAttributes {
  readonly mode: number;
  readonly mtimeNs: bigint;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** As encodeExtended writes them; without, those that are there stay. */
  readonly extended?: string | undefined;
}

/** One operation as it travels in a batch. `bytes` of its content follow the batch's operations. */
export type WireOperation =
  | { readonly do: "remove"; readonly path: string; readonly kind: FileKind }
  | { readonly do: "make-folder"; readonly path: string; readonly mode: number }
  | ({
      readonly do: "put-file";
      readonly path: string;
      /** What both sides remember of the content. */
      readonly contentHash: Buffer;
      /** Of the content as it was read: what the link's own check of the whole batch cannot see is a mix-up in it. */
      readonly crc32: number;
      readonly bytes: number;
    } & WireAttributes)
  | { readonly do: "put-segment"; readonly transfer: string; readonly offset: number; readonly bytes: number }
  | ({
      readonly do: "finish-file";
      readonly path: string;
      readonly transfer: string;
      readonly size: number;
    } & WireAttributes)
  | { readonly do: "drop-transfer"; readonly transfer: string }
  /** The transfer begins with a copy of the file at the path, if that is still in this state (hex). */
  | { readonly do: "begin-transfer"; readonly transfer: string; readonly path: string; readonly state: string }
  | ({ readonly do: "put-link"; readonly path: string; readonly linkTarget: string } & WireAttributes)
  | ({ readonly do: "set-attributes"; readonly path: string; readonly kind: FileKind } & WireAttributes)
  | { readonly do: "move"; readonly path: string; readonly from: string; readonly kind: FileKind };
