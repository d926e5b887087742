import { AppError } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { FileEntry } from "../core/file-entry.js";
import { comparePaths } from "../core/file-entry.js";
import {
  decodeApplyAnswer,
  decodeListPage,
  encodeBatch,
  encodeListQuery,
  type ApplyAnswer,
  type ListPage,
  type WireOperation,
} from "../core/file-wire.js";
import type { Link } from "../link/link.js";
import type { Settled } from "./settled-store.js";

/** Listing reads a slice of the target's disk; applying makes at most one batch durable. */
const answerSeconds = 60;

export interface TargetListing {
  readonly entries: readonly FileEntry[];
  readonly problems: ListPage["problems"];
}

/** The target's end of one folder, as a source sees it during one pass. Nothing is retried here. */
export class TargetPeer {
  readonly #link: Link;
  readonly #fields: JsonObject;
  readonly #signal: AbortSignal;
  #token = "";
  #sequence = 0;

  constructor(link: Link, folder: string, epoch: number, signal: AbortSignal) {
    this.#link = link;
    this.#fields = { folder, epoch };
    this.#signal = signal;
  }

  /** All that stands at and below the paths on the target. The batches sent afterwards belong to this listing. */
  async list(paths: readonly string[]): Promise<TargetListing> {
    const entries: FileEntry[] = [];
    const problems: ListPage["problems"][number][] = [];
    this.#token = "";
    this.#sequence = 0;
    let after: string | undefined;
    for (;;) {
      const page = await this.#page(paths, after);
      entries.push(...page.entries);
      problems.push(...page.problems);
      if (page.isLast) return { entries, problems };
      const last = page.entries.at(-1)?.path;
      // A target that gives the same page again would keep us here for ever.
      if (last === undefined || (after !== undefined && comparePaths(last, after) <= 0)) {
        throw new AppError("PEER_REFUSED", "The target's listing does not go on.");
      }
      after = last;
    }
  }

  async apply(
    operations: readonly WireOperation[],
    contents: readonly Buffer[],
    extraSeconds = 0,
  ): Promise<ApplyAnswer> {
    this.#sequence += 1;
    const answer = await this.#link.ask(
      "files/apply",
      {
        fields: { ...this.#fields, token: this.#token, sequence: this.#sequence },
        body: encodeBatch(operations, contents),
      },
      { limitSeconds: answerSeconds + extraSeconds, signal: this.#signal },
    );
    return decodeApplyAnswer(answer.body);
  }

  /** Tells the target how complete it is now; also the sign that it is there and takes this source for its own. */
  async settle({ completeUpToMs, lastFullAnalysisAtMs, isComplete }: Omit<Settled, "epoch">): Promise<void> {
    const fields = { ...this.#fields, completeUpToMs, lastFullAnalysisAtMs, isComplete };
    await this.#link.ask("files/settled", { fields }, { limitSeconds: answerSeconds, signal: this.#signal });
  }

  async #page(paths: readonly string[], after: string | undefined): Promise<ListPage> {
    const fields = this.#token === "" ? this.#fields : { ...this.#fields, token: this.#token };
    const body = encodeListQuery({ paths: [...paths], ...(after === undefined ? {} : { after }) });
    const options = { limitSeconds: answerSeconds, signal: this.#signal };
    const answer = await this.#link.ask("files/list", { fields, body }, options);
    const token = answer.fields["token"];
    if (typeof token !== "string") throw new AppError("PEER_REFUSED", "The target's listing has no token.");
    this.#token = token;
    return decodeListPage(answer.body);
  }
}
