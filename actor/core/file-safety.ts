/** What is known before anything is removed from a target. */
export interface FileSafetyFacts {
  /** What stands at the root of the source. */
  readonly sourceRoot: "folder" | "missing" | "not-a-folder";
  /** Where the file system of the source is mounted, and where it was when the folder was last whole; "" for unknown. */
  readonly mountPoint: string;
  readonly knownMountPoint: string;
  /** Paths in the folder where a file system was mounted when it was last whole, and none is now. */
  readonly missingMounts: readonly string[];
  /** The source's root holds nothing at all (SpareSync's own folders aside). */
  readonly isSourceEmpty: boolean;
  /** Files and links on the target after the last full analysis, or now if that is more. */
  readonly filesOnTarget: number;
  /** How many fewer it would be after this one: files that come and go all day are no loss. */
  readonly filesGone: number;
  /** How many of them go, others that stand in their place not counted; names under which a file was moved are no loss. */
  readonly filesReplaced: number;
}

export interface FileSafetyLimits {
  /** More than this share of the files gone … */
  readonly largestShareGone: number;
  /** … and more than this number: a doubt. */
  readonly largestNumberGone: number;
}

/** So few may go at once whatever share they are: small folders change as a whole. */
export const largestNumberGone = 100;

/** Of a folder of which so much is replaced by other files it is to be doubted that it is the same folder. */
const largestShareReplaced = 0.9;

export type FileSafetyDecision =
  { readonly isSafe: true } | { readonly isSafe: false; readonly because: string; readonly hint: string };

/**
 * Whether the source may be believed. A folder that is not mounted looks like one from which everything was deleted;
 * nothing is deleted on a doubt.
 */
export function decideFileSafety(facts: FileSafetyFacts, limits: FileSafetyLimits): FileSafetyDecision {
  const hint = "Look at the source folder. If it is as it should be: sparesync files approve FOLDER.";
  if (facts.sourceRoot === "missing") return veto("the source folder does not exist", "Is the file system mounted?");
  if (facts.sourceRoot === "not-a-folder") return veto("the source is not a folder", "See the folder's path.");
  if (facts.knownMountPoint !== "" && facts.mountPoint !== facts.knownMountPoint) {
    const because = `the source was on the file system mounted at ${facts.knownMountPoint}, and is on ${facts.mountPoint} now`;
    return veto(because, `Is the file system mounted? ${hint}`);
  }
  const [missing] = facts.missingMounts;
  if (missing !== undefined) {
    const because = `a file system was mounted at ${JSON.stringify(missing)} in the source, and is not there now`;
    return veto(because, `Is it to be mounted? ${hint}`);
  }
  if (facts.isSourceEmpty && facts.filesOnTarget > 0) {
    return veto(
      `the source folder is empty and the target holds ${facts.filesOnTarget} files`,
      `Is the file system mounted? ${hint}`,
    );
  }
  const share = facts.filesOnTarget === 0 ? 0 : facts.filesGone / facts.filesOnTarget;
  if (share > limits.largestShareGone && facts.filesGone > limits.largestNumberGone) {
    return veto(`${facts.filesGone} of ${facts.filesOnTarget} files are gone from the source`, hint);
  }
  if (isLargelyReplaced(facts, limits.largestNumberGone)) {
    const because = `${facts.filesReplaced} of ${facts.filesOnTarget} files are gone from the source, and others stand there`;
    return veto(because, `Is it the right folder? ${hint}`);
  }
  return { isSafe: true };
}

/** Whether so many of the files go that others in their place are no comfort. */
export function isLargelyReplaced(
  facts: Pick<FileSafetyFacts, "filesReplaced" | "filesOnTarget">,
  number = largestNumberGone,
): boolean {
  return isAnotherFolder(facts) && facts.filesReplaced > number;
}

function isAnotherFolder({
  filesReplaced,
  filesOnTarget,
}: Pick<FileSafetyFacts, "filesReplaced" | "filesOnTarget">): boolean {
  return filesReplaced > filesOnTarget * largestShareReplaced;
}

/**
 * Whether a person who approved what was known then has also approved what is known now: not one file more, and not
 * another file system. A root that is not there can never be approved.
 */
export function isApproved(facts: FileSafetyFacts, approved: FileSafetyFacts): boolean {
  return (
    facts.sourceRoot === "folder" &&
    facts.mountPoint === approved.mountPoint &&
    facts.missingMounts.every((place) => approved.missingMounts.includes(place)) &&
    facts.filesGone <= approved.filesGone &&
    (!isAnotherFolder(facts) || facts.filesReplaced <= Math.max(approved.filesReplaced, approved.filesGone)) &&
    (approved.isSourceEmpty || !facts.isSourceEmpty)
  );
}

function veto(because: string, hint: string): FileSafetyDecision {
  return { isSafe: false, because, hint };
}
