import { z } from "zod";
import type { Json } from "../json.js";
import { describeSettingType, settingKeys } from "./setting-type.js";
import { settingMetadata, type SettingMetadata } from "./setting.js";
import { settingsSchema } from "./settings.js";

/** One leaf of the settings. `path`: "link.heartbeatSeconds", "folders[].path", "managedSystem.controls[command].stop". */
export interface SettingEntry {
  readonly path: string;
  readonly metadata: SettingMetadata;
  /** What the value may be, in words. */
  readonly type: string;
  /** The keys of a value that is a group, such as an address. */
  readonly keys: readonly string[];
  /** The value when the key is left out; undefined when there is none. */
  readonly default: Json | undefined;
  readonly isRequired: boolean;
}

/** A place in a settings file: keys and positions in lists. */
export type SettingPath = readonly (string | number)[];

interface Leaf {
  readonly path: string;
  readonly schema: z.core.$ZodType;
}

const leaves = collectLeaves(settingsSchema, "");
const entries = leaves.flatMap(describeLeaf);
/** By path without the kind of a control: two kinds may share a key, and then it means the same. */
const entriesByPath = new Map(entries.map((entry) => [entry.path.replace(/\[[^\]]+\]/g, "[]"), entry]));

/** Every leaf of the settings in the order of the schema. */
export function listSettings(): readonly SettingEntry[] {
  return entries;
}

/** Leaves nobody described; a test keeps this empty. */
export function listUndescribedSettings(): readonly string[] {
  return leaves.filter(({ schema }) => settingMetadata(schema) === undefined).map(({ path }) => path);
}

/** The leaf at or above a place: `link.listen` for ["link", "listen", "port"]; undefined for a group. */
export function findSetting(path: SettingPath): SettingEntry | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const entry = entriesByPath.get(formatSettingPath(path.slice(0, length).map((key) => (isIndex(key) ? "[]" : key))));
    if (entry) return entry;
  }
  return undefined;
}

/** "folders[0].path" for ["folders", 0, "path"]; the items of lists are counted from 0. */
export function formatSettingPath(path: SettingPath): string {
  let text = "";
  for (const key of path) {
    if (isIndex(key)) text += `[${key}]`;
    else text += key === "[]" || text === "" ? key : `.${key}`;
  }
  return text;
}

/** The reverse of formatSettingPath: ["folders", 0, "path"] for "folders[0].path". */
export function parseSettingPath(text: string): SettingPath {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, index]) => (index === undefined ? key : Number(index)));
}

/** The keys that may stand in the group at a place; empty where no keys may stand. */
export function knownKeys(path: SettingPath): readonly string[] {
  const leaf = findSetting(path);
  if (leaf) return leaf.keys;
  const group = formatSettingPath(path.map((key) => (isIndex(key) ? "[]" : key)));
  const prefix = group === "" ? "" : `${group}.`;
  const keys = [...entriesByPath.keys()].filter((entry) => entry.startsWith(prefix));
  return [...new Set(keys.map((entry) => entry.slice(prefix.length).split(/[.[]/)[0] ?? ""))];
}

/** A copy of settings in which every leaf that `change` answers for is replaced. */
export function mapSettings<Value>(
  settings: Value,
  change: (entry: SettingEntry, value: unknown, path: SettingPath) => unknown,
): Value {
  // The changed leaves keep their type: `change` answers strings with strings.
  return mapAt(settings, [], change) as Value;
}

function mapAt(
  value: unknown,
  path: SettingPath,
  change: (entry: SettingEntry, value: unknown, path: SettingPath) => unknown,
): unknown {
  const entry = path.length === 0 ? undefined : findSetting(path);
  if (entry) return value === undefined ? undefined : change(entry, value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapAt(item, [...path, index], change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapAt(item, [...path, key], change)]));
}

function collectLeaves(schema: z.core.$ZodType, path: string): readonly Leaf[] {
  if (settingMetadata(schema)) return [{ path, schema }];
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return collectLeaves(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([key, member]: [string, z.core.$ZodType]) =>
      collectLeaves(member, path === "" ? key : `${path}.${key}`),
    );
  }
  if (schema instanceof z.ZodArray) return collectLeaves(schema.element, `${path}[]`);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    return schema.options.flatMap((option) => collectLeaves(option, path.replace(/\[\]$/, `[${optionName(option)}]`)));
  }
  return [{ path, schema }];
}

function optionName(option: z.core.$ZodType): string {
  const kind: unknown = option instanceof z.ZodObject ? option.shape["kind"] : undefined;
  return kind instanceof z.ZodLiteral ? String(kind.value) : "";
}

function describeLeaf({ path, schema }: Leaf): readonly SettingEntry[] {
  const metadata = settingMetadata(schema);
  if (!metadata) return [];
  const whenLeftOut = z.safeParse(schema, undefined);
  return [
    {
      path,
      metadata,
      // Only a message or a document asks for these two; to make them for each setting would slow every start.
      get type(): string {
        return metadata.path === undefined ? describeSettingType(schema) : "path";
      },
      get keys(): readonly string[] {
        return settingKeys(schema);
      },
      default: whenLeftOut.data as Json | undefined,
      isRequired: !whenLeftOut.success,
    },
  ];
}

function isIndex(key: string | number): key is number {
  return typeof key === "number";
}
