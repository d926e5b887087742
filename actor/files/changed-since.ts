import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import { LineFile } from "../../shared/line-file.js";
import type { FileDivergence } from "../core/divergence.js";
import { checkFilePath } from "../core/file-path.js";
import { createFolderRules } from "../core/folder-rules.js";
import type { Link, LinkMessage } from "../link/link.js";
import { lookAt } from "./look-at.js";
import { pathSystem } from "./path-system.js";
import { scanPaths } from "./scanner.js";

/** A lost server that had more than this to say has been alone for long; the rest is only counted. */
const mostNamed = 10_000;
const askLimitSeconds = 1800;
/** A copy's time is set in microseconds, so that it may round up to the next whole millisecond. */
const timeToleranceMs = 1;

export const changedSinceFields = z.object({ folder: z.string(), sinceMs: z.number().min(0) });
const changedFile = z.object({
  path: z.string(),
  bytes: z.number(),
  modifiedAtMs: z.number(),
  changedAtMs: z.number(),
});
const changedSinceAnswer = z.object({ files: z.array(changedFile).max(mostNamed), more: z.number() });

/** Target: the files and links that were changed here, by the file system's own clock of changes, at or after a time. */
export async function answerChangedSince(folder: FolderSettings, message: LinkMessage): Promise<LinkMessage> {
  const parsed = changedSinceFields.safeParse(message.fields);
  if (!parsed.success) throw new AppError("REQUEST_INVALID", "changed files are not asked for in the expected form");
  const sinceNs = BigInt(Math.floor(parsed.data.sinceMs)) * 1_000_000n;
  const files: z.output<typeof changedFile>[] = [];
  let more = 0;
  for await (const { entries } of scanPaths(folder.path, [""], createFolderRules(folder))) {
    for (const { path, kind, size, mtimeNs, ctimeNs } of entries) {
      if ((kind !== "file" && kind !== "link") || ctimeNs < sinceNs) continue;
      if (files.length >= mostNamed) more += 1;
      else files.push({ path, bytes: size, modifiedAtMs: toMs(mtimeNs), changedAtMs: toMs(ctimeNs) });
    }
  }
  return { fields: {}, body: Buffer.from(JSON.stringify({ files, more })) };
}

/**
 * Source: writes down what the target changed after this server last knew to hold everything, and what stands here in
 * its place. Both are only read. A file that is the same here by size and time was sent in time.
 */
export async function writeChangedSince(
  folder: FolderSettings,
  sinceMs: number,
  { link, report }: { readonly link: Link; readonly report: string },
  signal: AbortSignal,
): Promise<void> {
  const fields = { folder: folder.name, sinceMs };
  const { body } = await link.ask("files/changed-since", { fields }, { limitSeconds: askLimitSeconds, signal });
  const { files, more } = changedSinceAnswer.parse(JSON.parse(body?.toString("utf8") ?? "null"));
  const lines = new LineFile(report);
  for (const { path, bytes, modifiedAtMs } of files) {
    if (!checkFilePath(path, pathSystem).isAllowed) continue;
    const present = lookAt(folder.path, path);
    if (present && present.bytes === bytes && Math.abs(present.modifiedAtMs - modifiedAtMs) <= timeToleranceMs)
      continue;
    const state = present === undefined ? "only there" : "different";
    lines.add({ path, state, bytes, modifiedAtMs, present: present ?? null } satisfies FileDivergence);
  }
  if (more > 0) {
    const state = `and ${String(more)} more files that are not named`;
    lines.add({ path: "", state, bytes: 0, modifiedAtMs: 0 } satisfies FileDivergence);
  }
  await lines.finish();
}

function toMs(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n);
}
