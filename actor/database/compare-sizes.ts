import { statfs } from "node:fs/promises";
import { isLoopbackHost } from "../../shared/core/loopback.js";
import { roomAnswer } from "../core/journal-messages.js";
import type { SyncItemStatus } from "../sync-part.js";
import type { SideIo } from "./side.js";

/** A small question: an answer that takes longer counts as none. */
const askSeconds = 5;

/** What a database of this server holds, and how much more it could take; null: nobody here can tell. In bytes. */
export interface DatabaseRoom {
  readonly bytes: number;
  readonly roomBytes: number | null;
}

/** To the limit of its edition, and on its disk where that is of this machine; whichever is less. */
export async function readRoom({ engine, settings }: Pick<SideIo, "engine" | "settings">, signal: AbortSignal) {
  const { bytes, limitBytes, place } = await engine.databaseSize(signal);
  const rooms = limitBytes === undefined ? [] : [limitBytes - bytes];
  if (place !== undefined && isLoopbackHost(settings.address.host)) {
    const disk = await statfs(place).catch(() => undefined);
    if (disk) rooms.push(disk.bavail * disk.bsize);
  }
  return { bytes, roomBytes: rooms.length === 0 ? null : Math.max(0, Math.min(...rooms)) } satisfies DatabaseRoom;
}

/** Of a source: its size beside the target's and the target's room; undefined where the target cannot tell that. */
export async function compareSizes(
  { engine, link, settings }: Pick<SideIo, "engine" | "link" | "settings">,
  epoch: number,
  signal: AbortSignal,
): Promise<SyncItemStatus["space"]> {
  const fields = { database: settings.name, epoch };
  const answer = await link.ask("database/room", { fields }, { limitSeconds: askSeconds, signal });
  const { bytes: targetBytes, roomBytes } = roomAnswer.parse(answer.fields);
  if (roomBytes === null) return undefined;
  return { bytes: (await engine.databaseSize(signal)).bytes, targetBytes, targetRoomBytes: roomBytes };
}
