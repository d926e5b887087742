import { Document } from "yaml";
import { listSettings, type SettingEntry } from "./settings-list.js";

const lineWidth = 110;

/**
 * The text of a settings file with the given content, in the order of the schema. Each key is explained above it; keys
 * that keep their default stand there commented out, so that the file shows all there is to set.
 */
export function renderSettingsFile(title: string, content: object): string {
  return `${wrap(title, "# ").join("\n")}\n\n${renderGroup(content, "", 0).join("\n").trimEnd()}\n`;
}

function renderGroup(content: object, group: string, depth: number): string[] {
  const values = new Map<string, unknown>(Object.entries(content));
  return keysOf(group, values).flatMap((key) => {
    const path = group === "" ? key : `${group}.${key}`;
    const lines = renderKey(key, values.get(key), path, depth);
    return depth === 0 ? [...lines, ""] : lines;
  });
}

function renderKey(key: string, value: unknown, path: string, depth: number): string[] {
  const indent = "  ".repeat(depth);
  const entry = entryAt(path);
  if (entry) return renderLeaf(key, value, entry, indent);
  if (Array.isArray(value) && value.length > 0) return [`${indent}${key}:`, ...renderList(value, path, depth + 1)];
  if (value === undefined && isList(path)) return [`${indent}${key}: []`];
  if (value === undefined) return renderAbsent(key, path, depth);
  if (!isGroup(value)) return [`${indent}${key}: ${inline(value)}`];
  // A group whose keys are all comments would read as null.
  const content = Object.keys(value).length === 0 ? defaultsOf(path) : value;
  if (Object.keys(content).length === 0) return [`${indent}${key}: {}`];
  return [`${indent}${key}:`, ...renderGroup(content, path, depth + 1)];
}

function renderLeaf(key: string, value: unknown, entry: SettingEntry, indent: string): string[] {
  const comment = wrap(entry.metadata.purpose, `${indent}# `);
  if (value !== undefined) return [...comment, `${indent}${key}: ${inline(value)}`];
  const example = entry.default === undefined ? `(${entry.type.replaceAll("`", "")})` : inline(entry.default);
  return [...comment, `${indent}# ${key}: ${example}`];
}

/** A group that is left out: the whole of it with its defaults as one comment. */
function renderAbsent(key: string, path: string, depth: number): string[] {
  const indent = "  ".repeat(depth);
  const lines = [`${indent}${key}:`, ...renderGroup(defaultsOf(path), path, depth + 1)];
  return lines.map((line) => `${indent}# ${line.slice(indent.length)}`);
}

function defaultsOf(group: string): object {
  const leaves = listSettings().filter(
    ({ path, default: value }) => path.startsWith(`${group}.`) && value !== undefined,
  );
  const keys = leaves.map(({ path, default: value }) => [path.slice(group.length + 1), value] as const);
  return Object.fromEntries(keys.filter(([key]) => !/[.[]/.test(key)));
}

function isList(path: string): boolean {
  return listSettings().some((entry) => entry.path.startsWith(`${path}[`));
}

/** Items of a list; the keys are explained at the first item only. */
function renderList(items: readonly unknown[], path: string, depth: number): string[] {
  const indent = "  ".repeat(depth);
  return items.flatMap((item, index) => {
    if (!isGroup(item)) return [`${indent}- ${inline(item)}`];
    const lines = renderGroup(item, `${path}[]`, depth + 1).filter((line) => index === 0 || !isComment(line));
    const first = lines.findIndex((line) => !isComment(line));
    return lines.map((line, at) => (at > first ? line : `${indent}${at === first ? "- " : ""}${line.trim()}`));
  });
}

function isComment(line: string): boolean {
  return line.trim().startsWith("#");
}

/** The keys of a group in the order of the schema, then those that only the content has (they will be refused). */
function keysOf(group: string, values: ReadonlyMap<string, unknown>): readonly string[] {
  const prefix = group === "" ? "" : `${group}.`;
  const known = listSettings()
    .map((entry) => withoutKinds(entry.path))
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length).split(/[.[]/)[0] ?? "");
  const isItem = group.endsWith("[]");
  const keys = [...new Set([...known, ...values.keys()])];
  return isItem ? keys.filter((key) => values.has(key)) : keys;
}

function entryAt(path: string): SettingEntry | undefined {
  return listSettings().find((entry) => withoutKinds(entry.path) === path);
}

function withoutKinds(path: string): string {
  return path.replace(/\[[^\]]+\]/g, "[]");
}

/** A value on one line: { host: 192.0.2.1, port: 53 }. */
function inline(value: unknown): string {
  // Several lines would become a block, which cannot stand behind "key:" on one line; JSON is YAML.
  if (typeof value === "string" && value.includes("\n")) return JSON.stringify(value);
  const document = new Document(value);
  return document.toString({ collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true }).trimEnd();
}

function wrap(text: string, prefix: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && prefix.length + line.length + 1 + word.length > lineWidth) {
      lines.push(prefix + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, prefix + line];
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
