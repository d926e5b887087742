import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { isReserved } from "../core/file-path.js";
import type { ApprovalQuestion } from "../sync-part.js";
import {
  decideFileSafety,
  isApproved,
  largestNumberGone,
  type FileSafetyFacts,
  type FileSafetyLimits,
} from "../core/file-safety.js";
import { ConfinedFolder } from "./confined-folder.js";
import { GoneNames } from "./gone-names.js";
import { readInnerMounts } from "./inner-mounts.js";
import { findMountPoint, type KnownMounts } from "./mount-points.js";

interface Veto {
  readonly facts: FileSafetyFacts;
  readonly because: string;
  /** Undefined where they are not known yet: then nothing that goes is approved with it. */
  readonly names: GoneNames | undefined;
}

const namesInMessage = 3;
const longestNameShown = 80;
const noNames = new GoneNames();

/** Decides for one source folder whether it may be believed, and remembers what a person has said about it. */
export class SourceSafety {
  readonly #root: string;
  readonly #limits: FileSafetyLimits;
  readonly #isIgnored: (folder: string) => boolean;
  #known: KnownMounts;
  #vetoed: Veto | undefined;
  #approved: Veto | undefined;

  /** `known`: where file systems were mounted when the folder was last whole. */
  constructor(
    { path: root, largestShareGone }: Pick<FolderSettings, "path" | "largestShareGone">,
    isIgnored: (folder: string) => boolean,
    known: KnownMounts,
  ) {
    this.#root = root;
    this.#limits = { largestShareGone, largestNumberGone };
    this.#isIgnored = isIgnored;
    this.#known = known;
  }

  get known(): KnownMounts {
    return this.#known;
  }

  /** Throws FILE_VETO unless the root is a folder on the file system that it has always been on. */
  requireRoot(): void {
    const sourceRoot = lookAtRoot(this.#root);
    const facts = {
      ...this.#facts(sourceRoot),
      // Asked about with the number of files that would go, if any do.
      missingMounts: [],
      isSourceEmpty: false,
      filesOnTarget: 0,
      filesGone: 0,
      filesReplaced: 0,
    };
    this.#require(facts, noNames);
  }

  /** Whether nobody has to be asked before so many files go. */
  isSafe(filesOnTarget: number, filesGone: number, filesReplaced = 0): boolean {
    return decideFileSafety(this.#factsOf(filesOnTarget, filesGone, filesReplaced), this.#limits).isSafe;
  }

  /**
   * Throws FILE_VETO when so much of the source is gone that nobody should believe it without asking. `names`: of all that goes;
   * where they are not given, no approval is of it.
   */
  requireFewGone(filesOnTarget: number, filesGone: number, filesReplaced = 0, names?: GoneNames): void {
    this.#require(this.#factsOf(filesOnTarget, filesGone, filesReplaced), names);
  }

  /** What waits for an approval; undefined for nothing. */
  get question(): ApprovalQuestion | undefined {
    const vetoed = this.#vetoed;
    if (vetoed?.names === undefined || vetoed.facts.sourceRoot !== "folder" || vetoed === this.#approved)
      return undefined;
    return { because: vetoed.because, shown: fingerprintOf(vetoed), ...vetoed.names.view };
  }

  /**
   * A person has looked at the last veto: the same is no doubt any more. False when there was none. Throws OPERATION_REFUSED where
   * `shown`, the fingerprint of what that person has seen, is of another question than the one that stands.
   */
  approve(shown?: string): boolean {
    const vetoed = this.#vetoed;
    if (vetoed === undefined || vetoed.facts.sourceRoot !== "folder") return false;
    if (shown !== undefined && shown !== fingerprintOf(vetoed)) {
      throw new AppError("OPERATION_REFUSED", "What would go now is not what was shown.", {
        hint: "Look at it once more: sparesync files approve FOLDER shows it.",
      });
    }
    this.#approved = vetoed;
    return true;
  }

  /** The target has followed: what was approved is done, and the next doubt is a new one. */
  noteWhole(): void {
    this.#vetoed = undefined;
    this.#approved = undefined;
    this.#known = { mountPoint: findMountPoint(this.#root), inner: this.#innerMounts() };
  }

  #facts(sourceRoot: FileSafetyFacts["sourceRoot"]) {
    const mountPoint = sourceRoot === "folder" ? findMountPoint(this.#root) : "";
    return { sourceRoot, mountPoint, knownMountPoint: this.#known.mountPoint };
  }

  #factsOf(filesOnTarget: number, filesGone: number, filesReplaced: number): FileSafetyFacts {
    const isSourceEmpty = isRootEmpty(this.#root);
    const missingMounts = this.#missingMounts();
    return { ...this.#facts("folder"), missingMounts, isSourceEmpty, filesOnTarget, filesGone, filesReplaced };
  }

  #missingMounts(): string[] {
    const now = new Set(this.#known.inner.length === 0 ? [] : this.#innerMounts());
    return this.#known.inner.filter((place) => !now.has(place));
  }

  /** On the root itself one is the root's own. */
  #innerMounts(): string[] {
    const mounts = readInnerMounts(this.#root, this.#isIgnored);
    return [...new Set(mounts.map(({ path: place }) => place))].filter((place) => place !== "");
  }

  #require(facts: FileSafetyFacts, names: GoneNames | undefined): void {
    const decision = decideFileSafety(facts, this.#limits);
    if (decision.isSafe) return;
    // The look at the root comes before the count of what is gone: the larger of the two is what is asked about.
    if (this.#isApproved(facts, names)) return;
    this.#vetoed = { facts, names, because: decision.because };
    const because = `${decision.because}${namesInText(names)}`;
    throw new AppError("FILE_VETO", `Nothing is synchronised: ${because}.`, { hint: decision.hint });
  }

  #isApproved(facts: FileSafetyFacts, names: GoneNames | undefined): boolean {
    const approved = this.#approved;
    if (approved === undefined || names === undefined || !isApproved(facts, approved.facts)) return false;
    // While a person looks some more files come and go; so few are no doubt by themselves.
    return names.countOthers(approved.names ?? noNames) <= this.#limits.largestNumberGone;
  }
}

function fingerprintOf({ facts, names }: Veto): string {
  const { mountPoint, missingMounts, isSourceEmpty } = facts;
  const question = JSON.stringify([mountPoint, missingMounts, isSourceEmpty, names?.fingerprint ?? ""]);
  return createHash("sha256").update(question).digest("hex").slice(0, 12);
}

function namesInText(names: GoneNames | undefined): string {
  const examples = names?.view.examples.slice(0, namesInMessage) ?? [];
  if (examples.length === 0) return "";
  const quoted = examples.map((one) =>
    JSON.stringify(one.length > longestNameShown ? `…${one.slice(-longestNameShown)}` : one),
  );
  return `; among them ${quoted.join(", ")}`;
}

function lookAtRoot(root: string): FileSafetyFacts["sourceRoot"] {
  try {
    return statSync(root).isDirectory() ? "folder" : "not-a-folder";
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return "missing";
    throw new AppError("FILE_FAILED", `The source cannot be looked at: ${errorMessage(error)}.`, { cause: error });
  }
}

function isRootEmpty(root: string): boolean {
  const folder = ConfinedFolder.openRoot(root);
  try {
    return folder.names().every((name) => isReserved(name.toString("utf8")));
  } finally {
    folder.close();
  }
}
