import type { Command } from "commander";
import type { Finding } from "../../shared/check/finding.js";
import { examineKeyFiles } from "../../shared/check/key-files.js";
import { examinePaths } from "../../shared/check/named-paths.js";
import { judgeExclusion, type Exclusion } from "../../shared/core/exclusion.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import {
  formatSettingsProblem,
  SettingsError,
  type SettingsProblem,
} from "../../shared/core/settings/settings-problem.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { ActorStatus } from "../../shared/core/status.js";
import { readActorStatus } from "../../shared/status-client.js";
import { readSettings, type LoadedSettings } from "../../shared/settings-file.js";
import { examineFolderKeeping } from "../check/folder-keeping.js";
import { examineFolderSpace, readFreeBytes } from "../check/folder-space.js";
import { examineDatabases, surroundingsOf } from "../check/databases.js";
import { examineWebConfig } from "../check/web-config.js";
import { examineManagedSystem } from "../check/managed-system.js";
import { examineWitness } from "../check/witness.js";
import { exitCodes, type CommandResult } from "../cli-io.js";
import { jsonOption, settingsOption, type CommandContext } from "../command.js";

/** The check is about files; an actor that does not answer holds it up no longer than this. */
const actorLimitSeconds = 2;

interface CheckReport {
  readonly file: string;
  readonly problems: readonly SettingsProblem[];
  readonly notices: readonly SettingsProblem[];
  readonly exclusion: Exclusion | undefined;
}

interface Surroundings {
  readonly clock: ClockPort;
  /** Where programs are looked for that are named without a folder. */
  readonly searchPath: string;
}

/** `sparesync check`: examines the settings and everything they name; starts and changes nothing. */
export function addCheck(program: Command, { io, answer }: CommandContext): void {
  program
    .command("check")
    .description("examine a settings file and what it names; start nothing")
    .requiredOption(...settingsOption)
    .option(...jsonOption)
    .action(async ({ settings }: { settings: string }) => {
      await answer(describe(await examine(settings, { clock: io.clock, searchPath: io.env["PATH"] ?? "" })));
    });
}

async function examine(settingsFile: string, { clock, searchPath }: Surroundings): Promise<CheckReport> {
  let loaded: LoadedSettings;
  try {
    loaded = await readSettings(settingsFile);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { file: settingsFile, problems: error.problems, notices: [], exclusion: undefined };
  }
  const { settings, file, problemAt } = loaded;
  const exclusion = judgeExclusion({
    updateServerSite: settings.ownership.updateServerSite,
    hasGuard: settings.ownership.guard,
    hasWitness: settings.witness !== undefined,
  });
  const readItems = (): ReturnType<typeof itemsOfActor> => itemsOfActor(settings);
  const findings = [
    ...(await examinePaths(settings)),
    ...(await examineKeyFiles(settings, clock.wallMs())),
    ...(await examineManagedSystem(settings, searchPath)),
    ...(await examineFolderSpace(settings, { freeBytes: readFreeBytes, readFolders: readItems })),
    ...(await examineFolderKeeping(settings, readItems)),
    ...(await examineDatabases(settings, surroundingsOf(readItems))),
    ...(await examineWebConfig(settings)),
    ...(await examineWitness(settings, clock)),
    ...noticesOf(loaded, exclusion),
  ];
  const isNotice = ({ grade }: Finding): boolean => grade === "notice";
  return {
    file,
    problems: findings.filter((finding) => !isNotice(finding)).map(problemAt),
    notices: findings.filter(isNotice).map(problemAt),
    exclusion,
  };
}

async function itemsOfActor({ stateDirectory }: Settings): Promise<ActorStatus["sync"] | undefined> {
  const status = await readActorStatus(stateDirectory, actorLimitSeconds).catch(() => undefined);
  return status?.sync;
}

function noticesOf({ settings }: LoadedSettings, exclusion: Exclusion): readonly Finding[] {
  const { failover, folders, databases, managedSystem } = settings;
  const notices: Finding[] = [];
  const add = (key: string, message: string, hint: string): void => {
    notices.push({ key, grade: "notice", message, hint });
  };
  if (failover.automatic && exclusion.kind === "assumption" && !failover.acceptAssumption) {
    add(
      "failover.acceptAssumption",
      "an operator is asked before each failover, because two active servers are excluded by assumption only",
      "set it to true when that assumption is good enough for you",
    );
  }
  const hasSecondVantage = failover.vantages.some(({ site }) => site !== "secondary");
  if (failover.automatic && !hasSecondVantage && !failover.acceptSingleVantage) {
    add(
      "failover.vantages",
      failover.vantages.length === 0
        ? "an operator is asked before each failover from a lost primary, because only the spare would have seen the loss"
        : "an operator is asked before each failover from a lost primary, because every vantage shares the spare's uplink",
      "name a vantage at another site, or set failover.acceptSingleVantage to true",
    );
  }
  if (failover.automatic && failover.observeOnly) {
    add("failover.observeOnly", "a failover is only recorded and counted, never begun", "set it to false in earnest");
  }
  if (folders.length === 0 && databases.length === 0) {
    add("folders", "no folders and no databases are synchronised", "list the application's folders and databases");
  }
  if (managedSystem.testPage.expectedText === "") {
    add(
      "managedSystem.testPage.expectedText",
      "the test page may show anything, also an error page with the expected status",
      "give a text that only a working page shows",
    );
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
