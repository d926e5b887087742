import type { Command } from "commander";
import { judgeExclusion, type Exclusion } from "../../shared/core/exclusion.js";
import {
  formatSettingsProblem,
  SettingsError,
  type SettingsProblem,
} from "../../shared/core/settings/settings-problem.js";
import { readSettings, type LoadedSettings } from "../../shared/settings-file.js";
import { findPathProblems, type CheckFinding } from "../check/check-files.js";
import { findKeyProblems } from "../check/check-keys.js";
import { exitCodes, type CommandResult } from "../cli-io.js";
import { jsonOption, settingsOption, type CommandContext } from "../command.js";

interface CheckReport {
  readonly file: string;
  readonly problems: readonly SettingsProblem[];
  readonly notices: readonly SettingsProblem[];
  readonly exclusion: Exclusion | undefined;
}

/** `sparesync check`: examines the settings and everything they name; starts and changes nothing. */
export function addCheck(program: Command, { io, answer }: CommandContext): void {
  program
    .command("check")
    .description("examine a settings file and what it names; start nothing")
    .requiredOption(...settingsOption)
    .option(...jsonOption)
    .action(async ({ settings }: { settings: string }) => {
      answer(describe(await examine(settings, io.clock.wallMs())));
    });
}

async function examine(settingsFile: string, wallMs: number): Promise<CheckReport> {
  let loaded: LoadedSettings;
  try {
    loaded = await readSettings(settingsFile);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { file: settingsFile, problems: error.problems, notices: [], exclusion: undefined };
  }
  const { settings, file } = loaded;
  const exclusion = judgeExclusion({
    updateServerSite: settings.ownership.updateServerSite,
    hasGuard: settings.ownership.guard,
  });
  const keys = await findKeyProblems(settings, wallMs);
  const inFile = (finding: CheckFinding): SettingsProblem => ({ file, line: 0, value: "", ...finding });
  return {
    file,
    problems: [...(await findPathProblems(settings)), ...keys.problems].map(inFile),
    notices: [...keys.notices, ...noticesOf(loaded, exclusion)].map(inFile),
    exclusion,
  };
}

function noticesOf({ settings }: LoadedSettings, exclusion: Exclusion): readonly CheckFinding[] {
  const { failover, folders, databases, managedSystem } = settings;
  const notices: CheckFinding[] = [];
  if (failover.automatic && exclusion.kind === "assumption" && !failover.acceptAssumption) {
    const message =
      "an operator is asked before each failover, because two active servers are excluded by assumption only";
    const hint = "set it to true when that assumption is good enough for you";
    notices.push({ key: "failover.acceptAssumption", message, hint });
  }
  if (folders.length === 0 && databases.length === 0) {
    const message = "no folders and no databases are synchronised";
    notices.push({ key: "folders", message, hint: "list the application's folders and databases" });
  }
  if (managedSystem.testPage.expectedText === "") {
    const message = "the test page may show anything, also an error page with the expected status";
    notices.push({
      key: "managedSystem.testPage.expectedText",
      message,
      hint: "give a text that only a working page shows",
    });
  }
  return notices;
}

function describe({ file, problems, notices, exclusion }: CheckReport): CommandResult {
  const isFine = problems.length === 0;
  const text = [
    isFine ? `${file}: fine` : `${file}: ${problems.length === 1 ? "one problem" : `${problems.length} problems`}`,
    ...problems.map((problem) => `problem: ${formatSettingsProblem(problem)}`),
    ...notices.map((notice) => `notice: ${formatSettingsProblem(notice)}`),
    ...(exclusion ? [`two active servers are excluded by ${exclusion.kind}: ${exclusion.because}`] : []),
  ].join("\n");
  return {
    text,
    json: {
      ok: isFine,
      file,
      problems: problems.map((problem) => ({ ...problem })),
      notices: notices.map((notice) => ({ ...notice })),
      exclusion: exclusion ? { kind: exclusion.kind, because: exclusion.because } : null,
    },
    exitCode: isFine ? exitCodes.fine : exitCodes.problem,
  };
}
