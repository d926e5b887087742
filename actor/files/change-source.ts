/** What a change source reports. None may throw; all may be called at any time between open and close. */
export interface ChangeEvents {
  /** Something at or below this path (relative, parts separated by "/", "" is the root) may have changed. */
  onDirty(path: string): void;
  /** Changes may have been missed or the source has stopped seeing them: close it, open a new one, analyse in full. */
  onUncertain(because: string): void;
  /** A part cannot be watched and is only looked at now and then, with what to do about it; empty when it is over. */
  onLimited(because: string): void;
}

/**
 * Notices changes in a folder. A hint, never the truth: an event may be lost, doubled, late or wrong, and nothing may be
 * concluded from silence. What SpareSync keeps in the root (.deleted, .sparesync) is not reported.
 */
export interface ChangeSource {
  /** Resolves when changes from now on are reported (or onUncertain was called). Never rejects. */
  readonly ready: Promise<void>;
  /**
   * Makes a change that is nobody's (in SpareSync's own folder) and resolves when it was noticed, or could not be made. Never
   * rejects; where the source has died without a word, never resolves. Absent where a source cannot be tried so.
   */
  readonly probe?: () => Promise<void>;
  /** No event after it resolves. May be called twice. */
  close(): Promise<void>;
}

/** Begins to watch a folder. What is ignored need not be reported; patterns as in RuleSettings. Never throws: what does not work is reported by onUncertain. */
export type OpenChangeSource = (root: string, ignored: readonly string[], events: ChangeEvents) => ChangeSource;
