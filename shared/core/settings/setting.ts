import { z } from "zod";

/** What is declared about every leaf of the settings, beside its type. Docs, CLI and the pair comparison read it. */
export interface SettingMetadata {
  /** One sentence for the administrator. */
  readonly purpose: string;
  readonly unit?: "seconds" | "bytes" | "count" | "share";
  /** `pair`: must be the same in both files; `server`: belongs to the server whose file it is. */
  readonly scope: "pair" | "server";
  /** A wrong value can make both servers serve, or lose data. */
  readonly critical?: true;
  /** A change takes effect only after a restart of the process. */
  readonly restart?: true;
  /** The value itself, or the content of the file it names, is a secret. */
  readonly secret?: true;
  /** The value is a path: relative ones start at the folder of the settings file. `new…`: need not exist yet. */
  readonly path?: "file" | "directory" | "new-directory";
}

const registry = z.registry<SettingMetadata>();

/** Declares a leaf of the settings. */
export function setting<Schema extends z.ZodType>(schema: Schema, metadata: SettingMetadata): Schema {
  const declared = schema.clone();
  registry.add(declared, metadata);
  return declared;
}

/** The metadata of a leaf; undefined for groups. */
export function settingMetadata(schema: z.core.$ZodType): SettingMetadata | undefined {
  return registry.get(schema);
}
