import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { errorMessage } from "../../shared/core/app-error.js";
import type { ServerName } from "../../shared/core/server-name.js";
import { UsageError } from "../cli-io.js";

const section = z.record(z.string(), z.unknown()).default({});
const overlaySchema = z.strictObject({ both: section, primary: section, secondary: section });
export type SettingsOverlay = z.output<typeof overlaySchema>;

/** Reads a YAML file with the keys `both`, `primary` and `secondary`, each a part of a settings file. */
export async function readOverlay(file: string | undefined): Promise<SettingsOverlay> {
  if (file === undefined) return overlaySchema.parse({});
  try {
    return overlaySchema.parse(parse(await readFile(file, "utf8"), { maxAliasCount: 0 }) ?? {});
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : errorMessage(error);
    throw new UsageError(`the settings overlay ${file} cannot be used (keys: both, primary, secondary): ${reason}`);
  }
}

/** The content with the overlay's parts for this server over it. Groups are merged, everything else is replaced. */
export function applyOverlay(
  content: Readonly<Record<string, unknown>>,
  overlay: SettingsOverlay,
  server: ServerName,
): Readonly<Record<string, unknown>> {
  return merge(merge(content, overlay.both), overlay[server]);
}

type Group = Readonly<Record<string, unknown>>;

function merge(below: Group, above: Group): Group {
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const old = merged.get(key);
    merged.set(key, isGroup(old) && isGroup(value) ? merge(old, value) : value);
  }
  return Object.fromEntries(merged);
}

function isGroup(value: unknown): value is Group {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
