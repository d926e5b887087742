import type { z } from "zod";
import { AppError } from "../app-error.js";
import { redacted, redactText } from "../redaction.js";
import { findNearestKey } from "./nearest-key.js";
import { findSetting, knownKeys, type SettingPath } from "./settings-list.js";

/** One thing wrong with a settings file: where, what, and what to do. Never holds a secret. */
export interface SettingsProblem {
  readonly file: string;
  /** Counted from 1; 0 when the problem has no place in the text. */
  readonly line: number;
  /** "link.heartbeatSeconds"; empty when the problem is the file itself. */
  readonly key: string;
  /** The value as it stands in the file, redacted and shortened; empty when there is none to show. */
  readonly value: string;
  readonly message: string;
  readonly hint: string;
}

/** All problems of a settings file; prints as text (message) and as JSON (problems). */
export class SettingsError extends AppError {
  readonly problems: readonly SettingsProblem[];

  constructor(file: string, problems: readonly SettingsProblem[]) {
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    super("SETTINGS_INVALID", [`${file} has ${count}`, ...problems.map(formatSettingsProblem)].join("\n"));
    this.name = "SettingsError";
    this.problems = problems;
  }
}

/** One line for people: "file:line: key: value: message; what to do". */
export function formatSettingsProblem({ file, line, key, value, message, hint }: SettingsProblem): string {
  const place = line > 0 ? `${file}:${line}` : file;
  const parts = [place, ...(key === "" ? [] : [key]), ...(value === "" ? [] : [value]), message];
  return hint === "" ? parts.join(": ") : `${parts.join(": ")}; ${hint}`;
}

/** A problem before its file and line are known. */
export type ProblemAtPath = Pick<SettingsProblem, "value" | "message" | "hint"> & { readonly path: SettingPath };

/** Explains what zod found about the values of a file in the words of the settings. */
export function explainIssue(issue: z.core.$ZodIssue, input: unknown): readonly ProblemAtPath[] {
  // Paths of JSON values hold no symbols.
  const path = issue.path as SettingPath;
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => explainUnknownKey(path, key));
  const value = valueAt(input, path);
  if (value === undefined) return [{ path, value: "", message: "is missing", hint: expectation(path) }];
  return [{ path, value: showValue(value, path), message: explain(issue), hint: expectation(path) }];
}

/** The value at a place as it may be shown: secret leaves and long texts are not shown in full. */
export function showValue(value: unknown, path: SettingPath): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a group";
  if (isSecretSetting(path)) return redacted;
  const text = redactText(JSON.stringify(value));
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

export function isSecretSetting(path: SettingPath): boolean {
  return findSetting(path)?.metadata.secret === true;
}

/** The value at a place of a file's content; undefined where there is none. */
export function valueAt(input: unknown, path: SettingPath): unknown {
  let value: unknown = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

function explainUnknownKey(group: SettingPath, key: string): ProblemAtPath {
  const known = knownKeys(group);
  const nearest = findNearestKey(key, known);
  const all = known.length === 0 ? "remove it" : `known here: ${known.join(", ")}`;
  const hint = nearest === undefined ? all : `did you mean ${nearest}?`;
  // The value of an unknown key may be anything, also a password in the wrong place: it is not shown.
  return { path: [...group, key], value: "", message: "is not a known key", hint };
}

function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === "too_small") return `is too small or short (at least ${String(issue.minimum)})`;
  if (issue.code === "too_big") return `is too large or long (at most ${String(issue.maximum)})`;
  if (issue.code === "invalid_type") return `is not ${article(issue.expected)}`;
  if (issue.code === "invalid_value") return "is not one of the allowed values";
  if (issue.code === "invalid_format" && issue.format === "regex") return `does not match ${issue.pattern ?? ""}`;
  if (issue.code === "invalid_format" && issue.format === "starts_with" && "prefix" in issue) {
    return `does not begin with ${JSON.stringify(issue.prefix)}`;
  }
  // Our own schemas say in a sentence what is wrong.
  return issue.code === "custom" && issue.message !== "Invalid input" ? issue.message : "is not allowed";
}

function article(type: string): string {
  const words: Record<string, string> = {
    int: "a whole number",
    object: "a group of keys",
    array: "a list",
    string: "a text",
    boolean: "true or false",
  };
  return words[type] ?? `a ${type}`;
}

function expectation(path: SettingPath): string {
  const entry = findSetting(path);
  if (!entry) {
    const keys = knownKeys(path);
    return keys.length === 0 ? "" : `expected a group with ${keys.join(", ")}`;
  }
  const whenLeftOut = entry.default === undefined ? "" : ` (when left out: ${JSON.stringify(entry.default)})`;
  return `expected ${entry.type.replaceAll("`", "")}${whenLeftOut}. ${entry.metadata.purpose}`;
}
