import type { SettingsProblem } from "../core/settings/settings-problem.js";

/**
 * How much a finding matters. `unusable`: the actor does not start with it. `problem`: it starts, and something will not
 * work. `notice`: it works, and an administrator should know.
 */
export type FindingGrade = "unusable" | "problem" | "notice";

/** Something about what a setting names or means, seen by looking at this server and not only at the settings file. */
export interface Finding extends Pick<SettingsProblem, "key" | "message" | "hint"> {
  readonly grade: FindingGrade;
}
