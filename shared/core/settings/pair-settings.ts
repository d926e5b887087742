import { mapSettings, type SettingPath } from "./settings-list.js";
import type { Settings } from "./settings.js";

/** The pair-wide settings whose values differ between the two servers, by path. Items of lists are matched by name. */
export function comparePairSettings(a: Settings, b: Settings): readonly string[] {
  const ofA = flattenPairSettings(a);
  const ofB = flattenPairSettings(b);
  const paths = new Set([...ofA.keys(), ...ofB.keys()]);
  return [...paths].filter((path) => ofA.get(path) !== ofB.get(path)).sort();
}

/**
 * All pair-wide settings as one text that is the same on both servers however their files are written. Its hash goes
 * into heartbeats (shared/settings-hash).
 */
export function encodePairSettings(settings: Settings): string {
  const lines = [...flattenPairSettings(settings)].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(lines);
}

/** Path → JSON. Parsed settings have the keys of groups in the order of the schema, so equal values are equal texts. */
function flattenPairSettings(settings: Settings): ReadonlyMap<string, string> {
  const flat = new Map<string, string>();
  mapSettings(settings, (entry, value, path) => {
    if (entry.metadata.scope === "pair") flat.set(nameItems(settings, path), JSON.stringify(value));
    return value;
  });
  return flat;
}

/** "folders[uploads].delaySeconds": the order in which a file lists its folders means nothing. */
function nameItems(settings: Settings, path: SettingPath): string {
  let place: unknown = settings;
  let text = "";
  for (const [index, key] of path.entries()) {
    place = memberOf(place, key);
    const name = memberOf(place, "name");
    if (typeof key === "number") text += `[${typeof name === "string" ? name : String(key)}]`;
    else text += index === 0 ? key : `.${key}`;
  }
  return text;
}

function memberOf(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[String(key)] : undefined;
}
