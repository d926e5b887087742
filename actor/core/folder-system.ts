import { z } from "zod";
import type { PathSystem } from "./file-path.js";

/** What a file system may not keep as it is given. */
export const unkeepables = ["owner", "mode", "time", "extended"] as const;
export type Unkeepable = (typeof unkeepables)[number];

/** What a server says of itself and of the file system that one of its folders stands on. */
export const folderSystem = z.strictObject({
  /** As Node.js names it: linux, win32, darwin, … */
  platform: z.string().min(1).max(20),
  /** Names that differ only by case, or by Unicode form, are one to it. */
  isNameBlind: z.boolean(),
  /** What was set there and was not found afterwards. */
  unkept: z.array(z.enum(unkeepables)).max(unkeepables.length),
});
export type FolderSystem = z.output<typeof folderSystem>;

/** What a source has of its own. */
export interface SourceSystem {
  readonly platform: string;
  /** It can read and set every owner. */
  readonly hasOwner: boolean;
}

const texts: Readonly<Record<Unkeepable, string>> = {
  owner: "owner and group",
  mode: "the mode",
  time: "the exact time of the last change, so that contents are compared by each analysis",
  extended: "extended attributes",
};

/** By whose rules names are judged that are to be had on both sides: those of Windows if one of them runs it. */
export function pathSystemFor(own: PathSystem, target: Pick<FolderSystem, "platform"> | undefined): PathSystem {
  return target?.platform === "win32" ? "windows" : own;
}

export function isOtherSystem(source: SourceSystem, target: FolderSystem): boolean {
  return source.platform !== target.platform;
}

/** What the target does not keep of a source's files, for people; empty where it keeps all that the source has. */
export function findUnkept(source: SourceSystem, target: FolderSystem): readonly string[] {
  const unkept: string[] = [];
  if (isOtherSystem(source, target)) {
    unkept.push(
      `what only one of ${source.platform} (here) and ${target.platform} (there) has, and names that it does not allow`,
    );
  }
  // Where the source takes such names for one itself, it has no second one.
  if (target.isNameBlind && source.platform === "linux") unkept.push("of names that differ only by case, the second");
  for (const one of unkeepables) {
    if (target.unkept.includes(one) && (one !== "owner" || source.hasOwner)) unkept.push(texts[one]);
  }
  return unkept;
}
