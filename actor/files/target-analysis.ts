import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "../../shared/core/app-error.js";
import {
  compareBytes,
  compareEntries,
  encodeCompared,
  type BeginAnswer,
  type CompareQuery,
} from "../core/tree-wire.js";
import { encodeFolderRecord, StateReader, type FolderRecord } from "../core/folder-record.js";
import type { FolderSystem } from "../core/folder-system.js";
import type { FolderRules } from "../core/folder-rules.js";
import type { FolderStore } from "./folder-store.js";
import { scanWholeTree, type HashContent, type TreeScan } from "./tree-scan.js";
import type { FileProblem } from "./scanner.js";

export interface TargetAnalysisPorts {
  readonly root: string;
  readonly rules: FolderRules;
  readonly store: FolderStore;
  readonly hashContent: HashContent;
  /** Owners can be set here, so it makes sense to compare them. */
  readonly canSetOwner: boolean;
  /** What was found out about the file system; undefined when nothing could be tried. */
  readonly system: FolderSystem | undefined;
  /** Bytes that may still come. */
  readonly roomBytes: () => number;
}

export interface AnalysisWishes {
  readonly hasOwner: boolean;
  readonly hasContent: boolean;
}

const problemLimit = 100;

/** One full look at a target's tree, and what it tells the source about it folder by folder. */
export class TargetAnalysis {
  readonly #ports: TargetAnalysisPorts;
  readonly #hasOwner: boolean;
  readonly #stop = new AbortController();
  readonly #problems: FileProblem[] = [];
  readonly #scan: Promise<TreeScan>;
  #entries = 0;
  #result: TreeScan | undefined;

  constructor(ports: TargetAnalysisPorts, wishes: AnalysisWishes) {
    this.#ports = ports;
    this.#hasOwner = wishes.hasOwner && ports.canSetOwner;
    this.#scan = scanWholeTree({
      root: ports.root,
      rules: ports.rules,
      store: ports.store,
      hashContent: ports.hashContent,
      kind: { hasOwner: this.#hasOwner, hasContent: wishes.hasContent, side: "target" },
      signal: this.#stop.signal,
      report: (problem) => {
        if (this.#problems.length < problemLimit) this.#problems.push(problem);
      },
      onFolder: (entries) => {
        this.#entries += entries;
      },
    });
    // Whoever asks is told of the failure; nobody may ask any more.
    this.#scan.catch(() => undefined);
  }

  /** Resolves when the analysis has ended or the signal aborts; rejects when the tree cannot be read. */
  async settle(signal: AbortSignal): Promise<void> {
    const cut = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => {
        resolve();
      });
    });
    await Promise.race([this.#scan.then((scan) => (this.#result = scan)), cut]);
  }

  answer(token: string): BeginAnswer {
    const { system } = this.#ports;
    const answer = { token, hasOwner: this.#hasOwner, ...(system === undefined ? {} : { system }) };
    if (this.#result === undefined) return { ...answer, entries: this.#entries };
    const { root, digest, totals } = this.#result;
    const { mode, mtimeNs, uid, gid } = root;
    const problems = this.#problems.map(({ path, because }) => ({ path, because }));
    const roomBytes = this.#ports.roomBytes();
    const attributes = { mode, mtimeNs: String(mtimeNs), uid, gid, ...(problems.length === 0 ? {} : { problems }) };
    return { ...answer, tree: { digest: digest.toString("hex"), ...totals, roomBytes, ...attributes } };
  }

  /** The records of folders that differ from the source's, for as many of those asked for as one message holds. */
  async compare(query: CompareQuery): Promise<Buffer> {
    if (this.#result === undefined) throw new AppError("REQUEST_INVALID", "The analysis has not ended yet.");
    const parts: Buffer[] = [];
    let bytes = 0;
    for (const asked of query) {
      if (bytes > compareBytes) break;
      const part = this.#compared(asked);
      parts.push(part);
      bytes += part.length;
      await nextTurn();
    }
    return Buffer.concat(parts);
  }

  /** Ends it; resolves when it touches the store no more. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#scan.catch(() => undefined);
  }

  #compared({ path, digest, skip }: CompareQuery[number]): Buffer {
    const record = this.#ports.store.getFolder(path);
    if (record === undefined) return encodeCompared("missing", Buffer.alloc(0));
    if (digest !== "" && record.digest.toString("hex") === digest) return encodeCompared("same", Buffer.alloc(0));
    if (skip === 0 && record.count <= compareEntries) return encodeCompared("last", encodeFolderRecord(record));
    const isLast = skip + compareEntries >= record.count;
    return encodeCompared(isLast ? "last" : "piece", encodeFolderRecord(pieceOf(record, skip)));
  }
}

function pieceOf(record: FolderRecord, skip: number): FolderRecord {
  const reader = new StateReader(record.states);
  for (let passed = 0; passed < skip; passed += 1) reader.next();
  const from = reader.offset;
  const count = Math.max(0, Math.min(compareEntries, record.count - skip));
  for (let passed = 0; passed < count; passed += 1) reader.next();
  const slotBytes = record.count === 0 ? 0 : record.known.length / record.count;
  const known = record.known.subarray(skip * slotBytes, (skip + count) * slotBytes);
  return { ...record, count, states: record.states.subarray(from, reader.offset), known };
}
