import { errorCode } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { actorStatus, type SyncItemStatus } from "../../shared/core/status.js";
import { toJson, understand } from "../admin-answers.js";
import type { AdminClient } from "../admin-client.js";
import { exitCodes, Interruption, interruptionCode, type CliIo, type CommandResult } from "../cli-io.js";
import { formatTransfer } from "../status-text.js";
import { formatTable } from "../text-table.js";

const pollMs = 500;

export interface FollowFoldersOptions {
  readonly clock: ClockPort;
  /** Aborts when the user interrupts the command; the synchronisation goes on. */
  readonly signal: AbortSignal;
  /** The folders as they are now. Rejects with ACTOR_UNREACHABLE while the actor is away: then it is asked again. */
  readonly read: () => Promise<readonly SyncItemStatus[]>;
  /** Told all lines anew whenever one of them has changed. */
  readonly show: (text: string) => void;
}

/** What `--follow` shows on the error output, and the folders at its end; those that `isWanted` names. */
export async function showFolders(
  client: AdminClient,
  io: CliIo,
  { isFollowed, isWanted = () => true }: { isFollowed: boolean; isWanted?: (name: string) => boolean },
): Promise<CommandResult> {
  const read = async (): Promise<readonly SyncItemStatus[]> => {
    const { sync } = understand(actorStatus, await client.get("/v1/status"), client);
    return sync.filter(({ kind, name }) => kind === "folder" && isWanted(name));
  };
  const show = createLiveText(
    (text) => io.stderr.write(text),
    (io.stderr as { readonly isTTY?: boolean }).isTTY === true,
  );
  const folders = isFollowed
    ? await followFolders({ clock: io.clock, signal: io.interruption(), read, show })
    : await read();
  const isFine = folders.every(({ health }) => health !== "fatal");
  return {
    text: formatFolders(folders),
    json: { ok: isFine, folders: folders.map(toJson) },
    exitCode: isFine ? exitCodes.fine : exitCodes.problem,
  };
}

/**
 * Shows how far each folder is until all of them are whole copies with nothing under way, and returns how they were then.
 * Rejects with an Interruption that says that the synchronisation goes on.
 */
export async function followFolders({ clock, signal, read, show }: FollowFoldersOptions) {
  let shown = "";
  for (;;) {
    const folders = await read().catch((error: unknown) => {
      if (errorCode(error) === "ACTOR_UNREACHABLE") return undefined;
      throw error;
    });
    const text = folders === undefined ? "the actor does not answer; trying again" : formatFolders(folders);
    if (text !== shown) show(text);
    shown = text;
    if (folders?.every(isAtRest) === true) return folders;
    await clock.sleep(pollMs, signal).catch(() => {
      throw new Interruption(interruptionCode(signal), "no longer following; the synchronisation goes on");
    });
  }
}

/** One line for each folder, with a bar while a copy or an analysis is under way. */
export function formatFolders(folders: readonly SyncItemStatus[]): string {
  if (folders.length === 0) return "no folder is synchronised";
  return formatTable(folders.map((folder) => [folder.name, folder.health, describe(folder)]));
}

function describe(folder: SyncItemStatus): string {
  const { transfer, progressRatio, analysis, pendingChanges, isComplete, because } = folder;
  const parts = [isComplete ? "whole copy" : "no whole copy yet"];
  if (transfer !== undefined) parts.push(formatTransfer(transfer, progressRatio));
  else if (analysis !== undefined) {
    const { isUnderWay, hasContent } = analysis;
    parts.push(`${isUnderWay ? "being compared" : "to be compared"}${hasContent ? " by content" : ""}`);
  } else if (pendingChanges > 0) parts.push(`${pendingChanges} pending`);
  return [...parts, because].filter((text) => text !== "").join(", ");
}

function isAtRest({ isComplete, pendingChanges, analysis, transfer }: SyncItemStatus): boolean {
  return isComplete && pendingChanges === 0 && analysis === undefined && transfer === undefined;
}

/** Writes over the lines of before on a terminal; elsewhere each text is written behind the other. */
export function createLiveText(write: (text: string) => void, isTerminal: boolean): (text: string) => void {
  let lines = 0;
  return (text) => {
    // ECMA-48: cursor up (CUU) to the first line, then erase to the end of the screen (ED).
    const back = isTerminal && lines > 0 ? `\u001b[${lines}A\u001b[J` : "";
    write(`${back}${text}\n`);
    lines = text.split("\n").length;
  };
}
