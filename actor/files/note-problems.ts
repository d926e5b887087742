import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import { deletedFolder } from "../core/file-path.js";
import { type DirtySet, sinceFirstNoticed } from "./dirty-set.js";
import type { FailingPaths } from "./failing-paths.js";
import type { PassResult } from "./pass.js";
import { findUnsendable, isDeletedFolderOfOthers } from "./unsendable-names.js";

export interface ProblemPorts {
  readonly settings: FolderSettings;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  readonly failing: FailingPaths;
  readonly dirty: DirtySet;
}

/** A name that cannot be sent was noticed by its event: the next full analysis is far. */
export function noteUnsendable(changed: string, { settings, clock, log, failing }: ProblemPorts): void {
  const before = failing.count;
  for (const { path, because } of findUnsendable(settings.path, changed)) {
    failing.note(path, because, clock.monotonicMs());
  }
  tellFailing(before, { settings, log, failing });
}

/** What a pass over some paths could not bring over is remembered, told and, where that is of use, tried again. */
export function noteProblems(noticed: ReadonlyMap<string, number>, result: PassResult, ports: ProblemPorts): void {
  const { settings, clock, failing, dirty } = ports;
  const paths = [...noticed.keys()];
  const nowMs = clock.monotonicMs();
  const before = failing.count;
  failing.update(paths, result.problems, sinceFirstNoticed(noticed), result.problemsUnnamed);
  if (paths.includes("") && isDeletedFolderOfOthers(settings.path)) {
    failing.note(deletedFolder, "the name is SpareSync's own: what is in it is not copied", nowMs);
  }
  tellFailing(before, ports);
  // Only another full analysis can decide it.
  if (result.isUndecided === true) dirty.noteUnknown();
  for (const { path, kind } of result.problems) {
    const [retryAfterMs, sinceMs = nowMs] = [failing.retryAfterMs(path), failing.sinceMs(path)];
    if (kind === "skipped" || retryAfterMs === undefined) continue;
    dirty.putBack(path, sinceMs, nowMs + retryAfterMs, nowMs);
  }
}

function tellFailing(before: number, { settings, log, failing }: Omit<ProblemPorts, "clock" | "dirty">): void {
  const { count } = failing;
  if (count <= before) return;
  const [path, problem] = failing.warnings().at(-1) ?? ["", undefined];
  log.warn("files-paths-failing", { folder: settings.name, paths: count, path, because: problem?.because ?? "" });
}
