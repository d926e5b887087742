import type { SettingPath } from "./settings-list.js";
import type { Settings } from "./settings.js";

/** Settings that are each allowed and do not go together. */
export interface BrokenRelation {
  /** The place to change first; it is the one whose line is shown. */
  readonly paths: readonly [SettingPath, ...SettingPath[]];
  readonly because: string;
  readonly hint: string;
}

type Section = keyof Settings;

/** A relation sees only the sections it needs, so that one wrong value elsewhere does not hide it. */
export interface SettingRelation {
  readonly needs: readonly Section[];
  readonly find: (settings: Settings) => readonly BrokenRelation[];
}

/** Declares a relation. */
export function relation(needs: readonly Section[], find: SettingRelation["find"]): SettingRelation {
  return { needs, find };
}

/** Nothing where it is kept. */
export function unless(isKept: boolean, broken: () => BrokenRelation): readonly BrokenRelation[] {
  return isKept ? [] : [broken()];
}
