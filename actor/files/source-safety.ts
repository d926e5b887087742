import { statSync } from "node:fs";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { isReserved } from "../core/file-path.js";
import {
  decideFileSafety,
  isApproved,
  largestNumberGone,
  type FileSafetyFacts,
  type FileSafetyLimits,
} from "../core/file-safety.js";
import { ConfinedFolder } from "./confined-folder.js";
import { readInnerMounts } from "./inner-mounts.js";
import { findMountPoint, type KnownMounts } from "./mount-points.js";

/** Decides for one source folder whether it may be believed, and remembers what a person has said about it. */
export class SourceSafety {
  readonly #root: string;
  readonly #limits: FileSafetyLimits;
  readonly #isIgnored: (folder: string) => boolean;
  #known: KnownMounts;
  #vetoed: FileSafetyFacts | undefined;
  #approved: FileSafetyFacts | undefined;

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
    this.#require({
      ...this.#facts(sourceRoot),
      // Asked about with the number of files that would go, if any do.
      missingMounts: [],
      isSourceEmpty: false,
      filesOnTarget: 0,
      filesGone: 0,
      filesReplaced: 0,
    });
  }

  /** Throws FILE_VETO when so much of the source is gone that nobody should believe it without asking. */
  requireFewGone(filesOnTarget: number, filesGone: number, filesReplaced = 0): void {
    const isSourceEmpty = isRootEmpty(this.#root);
    const missingMounts = this.#missingMounts();
    this.#require({ ...this.#facts("folder"), missingMounts, isSourceEmpty, filesOnTarget, filesGone, filesReplaced });
  }

  /** A person has looked at the last veto: the same is no doubt any more. False when there was none. */
  approve(): boolean {
    if (this.#vetoed === undefined || this.#vetoed.sourceRoot !== "folder") return false;
    this.#approved = this.#vetoed;
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

  #missingMounts(): string[] {
    const now = new Set(this.#known.inner.length === 0 ? [] : this.#innerMounts());
    return this.#known.inner.filter((place) => !now.has(place));
  }

  /** On the root itself one is the root's own. */
  #innerMounts(): string[] {
    const mounts = readInnerMounts(this.#root, this.#isIgnored);
    return [...new Set(mounts.map(({ path: place }) => place))].filter((place) => place !== "");
  }

  #require(facts: FileSafetyFacts): void {
    const decision = decideFileSafety(facts, this.#limits);
    if (decision.isSafe) return;
    // The look at the root comes before the count of what is gone: the larger of the two is what is asked about.
    if (this.#approved !== undefined && isApproved(facts, this.#approved)) return;
    this.#vetoed = facts;
    throw new AppError("FILE_VETO", `Nothing is synchronised: ${decision.because}.`, { hint: decision.hint });
  }
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
