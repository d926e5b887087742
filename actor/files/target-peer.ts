import { AppError } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import { encodeBlockQuery, parseBlockAnswer, type BlockAnswer, type BlockQuery } from "../core/block-wire.js";
import { comparePaths } from "../core/file-entry.js";
import type { FolderSystem } from "../core/folder-system.js";
import {
  decodeApplyAnswer,
  decodeListPage,
  encodeListQuery,
  listAnswer,
  parse,
  type ApplyAnswer,
  type ListedEntry,
  type ListPage,
} from "../core/file-wire.js";
import {
  decodeCompared,
  encodeCompareQuery,
  parseBeginAnswer,
  type BeginAnswer,
  type ComparedFolder,
  type CompareQuery,
} from "../core/tree-wire.js";
import type { Link, LinkMessage } from "../link/link.js";
import { compressIfWorthwhile } from "./compress-batch.js";
import type { Settled } from "./settled-store.js";

/** Listing reads a slice of the target's disk; applying makes at most a few batches durable. */
const answerSeconds = 60;

/** A listing is held in memory; whoever has more below some paths is compared in full, by digests, which is not. */
const listedEntries = 200_000;
const listedBytes = 256 * 1024 * 1024;
/** Pages are filled as far as they may be: so many hold more than a listing may have. */
const listedPages = 1000;

export interface TargetListing {
  readonly entries: readonly ListedEntry[];
  readonly problems: ListPage["problems"];
  /** Bytes that may still come. */
  readonly roomBytes: number;
}

export interface TargetTree extends NonNullable<BeginAnswer["tree"]> {
  readonly hasOwner: boolean;
  readonly system?: FolderSystem;
  readonly problems: { path: string; because: string }[];
}

interface ListedPage {
  readonly page: ListPage;
  readonly pageBytes: number;
  readonly roomBytes: number;
}

export interface PeerFolder {
  readonly folder: string;
  readonly epoch: number;
  readonly rules: string;
}

export interface ApplyWishes {
  /** Beyond the usual wait for the answer. */
  readonly extraSeconds: number;
  readonly isCompressed: boolean;
}

/** What the target knows a pass by, and how many batches of it there have been. */
interface PassOnTarget {
  token: string;
  sequence: number;
}

/** The target's end of one folder, as a source sees it during one pass. Nothing is retried here. */
export class TargetPeer {
  readonly #link: Link;
  readonly #folder: PeerFolder;
  readonly #signal: AbortSignal;
  readonly #pass: PassOnTarget;
  readonly #isWithin: boolean;

  /** `rules`: FolderRules.digest of this side. `within`: it belongs to a pass that is under way. */
  constructor(link: Link, folder: PeerFolder, signal: AbortSignal, within?: TargetPeer) {
    this.#link = link;
    this.#folder = folder;
    this.#signal = signal;
    this.#pass = within === undefined ? { token: "", sequence: 0 } : within.#pass;
    this.#isWithin = within !== undefined;
  }

  /** For a pass within this one: its listings do not end this one, and its batches have their places among those of this one. */
  within(): TargetPeer {
    return new TargetPeer(this.#link, this.#folder, this.#signal, this);
  }

  /** Has the target look at all it has. The batches sent afterwards belong to this analysis. */
  async analyse(wishes: { readonly hasOwner: boolean; readonly hasContent: boolean }): Promise<TargetTree> {
    this.#pass.sequence = 0;
    const { hasOwner, hasContent } = wishes;
    let answer = await this.#begin({ hasOwner, ...(hasContent ? { hasContent } : {}) });
    this.#pass.token = answer.token;
    // Each answer comes when the analysis has ended, or after some seconds to say that it goes on.
    while (answer.tree === undefined) answer = await this.#begin({ token: this.#pass.token });
    const { hasOwner: isOwnerKept, system } = answer;
    return { problems: [], ...answer.tree, hasOwner: isOwnerKept, ...(system === undefined ? {} : { system }) };
  }

  /** What differs in some folders, for the first of them at least. */
  async compare(query: CompareQuery): Promise<ComparedFolder[]> {
    const answer = await this.#ask("files/compare", { token: this.#pass.token }, encodeCompareQuery(query));
    const folders = decodeCompared(answer.body);
    if (folders.length > 0 && folders.length <= query.length) return folders;
    throw new AppError("PEER_REFUSED", "The target's comparison does not go on.");
  }

  /** What the target can build a large file on, from a block on. */
  async blocks(query: BlockQuery): Promise<BlockAnswer> {
    const answer = await this.#ask("files/blocks", { token: this.#pass.token }, encodeBlockQuery(query));
    return parseBlockAnswer(answer.fields, answer.body);
  }

  /**
   * All that stands at and below the paths on the target; undefined when that is more than a listing holds. The batches sent
   * afterwards belong to this listing. Throws PEER_REFUSED for one that is in no order, or has no end.
   */
  async list(paths: readonly string[]): Promise<TargetListing | undefined> {
    const entries: ListedEntry[] = [];
    const problems: ListPage["problems"][number][] = [];
    if (!this.#isWithin) this.#pass.token = "";
    if (!this.#isWithin) this.#pass.sequence = 0;
    let after: string | undefined;
    let bytes = 0;
    for (let pages = 0; pages < listedPages; pages += 1) {
      const { page, roomBytes, pageBytes } = await this.#page(paths, after);
      const last = requireRising(page.entries, after);
      for (const one of page.entries) entries.push(one);
      for (const one of page.problems) problems.push(one);
      bytes += pageBytes;
      if (entries.length > listedEntries || bytes > listedBytes) return undefined;
      if (page.isLast) return { entries, problems, roomBytes };
      // A target that gives an empty page again and again would keep us here for ever.
      if (last === after) throw new AppError("PEER_REFUSED", "The target's listing does not go on.");
      after = last;
    }
    throw new AppError("PEER_REFUSED", `The target's listing has no end: ${listedPages} pages were not all of it.`);
  }

  /** Batches are published in the order of these calls, even when several wait for their answers. */
  async apply(plain: Buffer, { extraSeconds, isCompressed }: ApplyWishes): Promise<ApplyAnswer> {
    this.#pass.sequence += 1;
    const sequence = this.#pass.sequence;
    const packed = isCompressed ? await compressIfWorthwhile(plain) : undefined;
    const fields = {
      token: this.#pass.token,
      sequence,
      ...(packed === undefined ? {} : { brotliBytes: plain.length }),
    };
    const answer = await this.#ask("files/apply", fields, packed ?? plain, extraSeconds);
    return decodeApplyAnswer(answer.body);
  }

  /** Tells the target how complete it is now; also the sign that it is there and takes this source for its own. */
  async settle(
    { completeUpToMs, lastFullAnalysisAtMs, isComplete }: Omit<Settled, "epoch">,
    openPaths?: Buffer,
  ): Promise<void> {
    await this.#ask("files/settled", { completeUpToMs, lastFullAnalysisAtMs, isComplete }, openPaths);
  }

  async #begin(fields: JsonObject): Promise<BeginAnswer> {
    return parseBeginAnswer((await this.#ask("files/begin", { ...fields, rules: this.#folder.rules })).fields);
  }

  async #page(paths: readonly string[], after: string | undefined): Promise<ListedPage> {
    const body = encodeListQuery({ paths: [...paths], ...(after === undefined ? {} : { after }) });
    const answer = await this.#ask(
      "files/list",
      { rules: this.#folder.rules, ...(this.#pass.token === "" ? {} : { token: this.#pass.token }) },
      body,
    );
    const { token, roomBytes } = parse(listAnswer, answer.fields);
    this.#pass.token = token;
    return { page: decodeListPage(answer.body), roomBytes, pageBytes: answer.body?.length ?? 0 };
  }

  #ask(kind: string, fields: JsonObject, body?: Buffer, extraSeconds = 0): Promise<LinkMessage> {
    const { folder, epoch } = this.#folder;
    const message = { fields: { folder, epoch, ...fields }, ...(body === undefined ? {} : { body }) };
    return this.#link.ask(kind, message, { limitSeconds: answerSeconds + extraSeconds, signal: this.#signal });
  }
}

/** The last of the paths, which rise from `after` on; throws PEER_REFUSED where they do not: whatever is joined with them would go wrong. */
function requireRising(entries: readonly ListedEntry[], after: string | undefined): string | undefined {
  let last = after;
  for (const { path } of entries) {
    if (last !== undefined && comparePaths(path, last) <= 0) {
      throw new AppError("PEER_REFUSED", `The target's listing is in no order: ${JSON.stringify(path)}.`);
    }
    last = path;
  }
  return last;
}
