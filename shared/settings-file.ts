import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { LineCounter, parseDocument, visit, type Document } from "yaml";
import { AppError, errorCode, errorMessage } from "./core/app-error.js";
import { findBrokenRelations } from "./core/settings/setting-relations.js";
import { formatSettingPath, mapSettings, parseSettingPath } from "./core/settings/settings-list.js";
import {
  explainIssue,
  isSecretSetting,
  SettingsError,
  showValue,
  valueAt,
  type ProblemAtPath,
  type SettingsProblem,
} from "./core/settings/settings-problem.js";
import { nameFolders } from "./core/settings/folder-names.js";
import { settingsSchema, type Settings } from "./core/settings/settings.js";
import { findLine } from "./yaml-lines.js";

/** Far above any settings file of two servers, far below what could exhaust the parser. */
const mostBytes = 1_000_000;

export interface LoadedSettings {
  /** All paths in it are absolute. */
  readonly settings: Settings;
  /** The file, absolute, and the folder in which its relative paths start. */
  readonly file: string;
  readonly directory: string;
  /** What was found about a setting later, with its place and value in the file. */
  readonly problemAt: (finding: Pick<SettingsProblem, "key" | "message" | "hint">) => SettingsProblem;
}

/**
 * Reads a settings file. Rejects with a SettingsError that holds all problems (values and relations), or with AppError
 * SETTINGS_UNREADABLE. Does not look at the files and folders the settings name: `sparesync check` does.
 */
export async function readSettings(settingsFile: string): Promise<LoadedSettings> {
  const file = path.resolve(settingsFile);
  const text = await readText(file);
  return { ...loadSettings(text, file), file, directory: path.dirname(file) };
}

/** The settings in a text, with paths resolved as if the text stood in `file`. Throws a SettingsError. */
export function parseSettings(text: string, file: string): Settings {
  return loadSettings(text, file).settings;
}

function loadSettings(text: string, file: string): Pick<LoadedSettings, "settings" | "problemAt"> {
  const lines = new LineCounter();
  const document = parseYaml(text, file, lines);
  const problemAt = ({ path: place, ...rest }: ProblemAtPath): SettingsProblem => ({
    file,
    line: findLine(document, place, lines),
    key: formatSettingPath(place),
    ...rest,
  });
  const input = nameFolders(document.toJS({ maxAliasCount: 0 }));
  const directory = path.dirname(file);
  const parsed = settingsSchema.safeParse(input);
  const settings = parsed.success ? resolvePaths(parsed.data, directory) : undefined;
  const problems = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => explainIssue(issue, input)),
    ...explainRelations(settings ?? resolvePaths(parseSections(input), directory), input),
  ].map(problemAt);
  if (settings === undefined || problems.length > 0) throw new SettingsError(file, problems);
  return {
    settings,
    problemAt: ({ key, message, hint }) => {
      const place = parseSettingPath(key);
      const value = valueAt(input, place);
      const isShown = !isSecretSetting(place) && (typeof value !== "object" || value === null);
      return problemAt({ path: place, value: isShown ? showValue(value, place) : "", message, hint });
    },
  };
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > mostBytes) throw new AppError("SETTINGS_UNREADABLE", `${file} is larger than ${mostBytes} bytes`);
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    const hint = errorCode(error) === "ENOENT" ? "name the file with --settings, or make one with sparesync init" : "";
    throw new AppError("SETTINGS_UNREADABLE", `the settings file cannot be read: ${errorMessage(error)}`, {
      cause: error,
      hint,
    });
  }
}

/** Parses without resolving anything: aliases are refused, so that ten lines cannot stand for a million values. */
function parseYaml(text: string, file: string, lineCounter: LineCounter): Document.Parsed {
  const problem = (offset: number, message: string, hint: string): SettingsProblem => ({
    file,
    line: lineCounter.linePos(offset).line,
    key: "",
    value: "",
    message,
    hint,
  });
  let document: Document.Parsed;
  try {
    // Pretty errors would quote the line, and the line may hold what does not belong into a log.
    document = parseDocument(text, { lineCounter, prettyErrors: false });
  } catch (error) {
    throw new SettingsError(file, [problem(0, `is not YAML: ${errorMessage(error)}`, "")]);
  }
  const problems = [...document.errors, ...document.warnings].map((error) =>
    error.code === "DUPLICATE_KEY"
      ? {
          ...problem(error.pos[0], "is given twice in one group", "keep one of the two"),
          key: keyAt(text, error.pos[0]),
        }
      : problem(error.pos[0], `is not valid YAML: ${error.message.slice(0, 200)}`, "correct the text at this line"),
  );
  visit(document, {
    Alias(_, alias) {
      problems.push(problem(alias.range?.[0] ?? 0, "an alias (*) is not allowed here", "write the value out"));
    },
  });
  if (problems.length === 0 && document.contents === null) {
    problems.push({ ...problem(0, "the file is empty", "make one with sparesync init"), line: 0 });
  }
  if (problems.length > 0) throw new SettingsError(file, problems);
  return document;
}

function keyAt(text: string, offset: number): string {
  return /^[\w.-]+/.exec(text.slice(offset))?.[0] ?? "";
}

/** The sections that are valid by themselves, so that relations between them are reported beside other problems. */
function parseSections(input: unknown): Partial<Settings> {
  const valid = Object.entries(settingsSchema.shape).flatMap(([section, schema]) => {
    const parsed = schema.safeParse(valueAt(input, [section]));
    return parsed.success ? [[section, parsed.data] as const] : [];
  });
  return Object.fromEntries(valid);
}

function explainRelations(settings: Partial<Settings>, input: unknown): readonly ProblemAtPath[] {
  return findBrokenRelations(settings).map(({ paths: [first, ...others], because, hint }) => ({
    path: first,
    value: showValue(valueAt(input, first), first),
    message: `${because} (see also ${others.map(formatSettingPath).join(", ")})`,
    hint,
  }));
}

function resolvePaths<Value>(settings: Value, directory: string): Value {
  return mapSettings(settings, (entry, value) =>
    entry.metadata.path !== undefined && typeof value === "string" ? path.resolve(directory, value) : value,
  );
}
