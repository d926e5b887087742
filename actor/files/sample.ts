import * as fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import { joinPath } from "../core/file-entry.js";
import { checkFilePath, isReserved } from "../core/file-path.js";
import type { Link, LinkMessage } from "../link/link.js";
import type { SampledFiles } from "../sync-part.js";
import { hashSourceFile } from "./hash-source-file.js";
import { pathSystem } from "./path-system.js";

/** Looking at more names than this to choose from would itself be a load; the sample is then of these. */
const mostNames = 200_000;
/** A file that is just being changed is late, not wrong: it is looked at again after the usual delay and this. */
const rounds = 3;
const pauseMs = 3000;
const mostPaths = 10_000;

export const sampleFields = z.object({ folder: z.string(), paths: z.array(z.string()).max(mostPaths) });
const sampleReply = z.object({ hashes: z.array(z.string()) });

export interface SamplePorts {
  readonly link: Link;
  readonly clock: ClockPort;
  readonly random: RandomPort;
}

/** Compares the content of files chosen at random on this target with the source's. Reads only. */
export async function sampleFolder(
  folder: FolderSettings,
  count: number,
  { link, clock, random }: SamplePorts,
  signal: AbortSignal,
): Promise<SampledFiles> {
  let paths = chooseFiles(folder.path, count, random, signal);
  const compared = paths.length;
  for (let round = 1; round <= rounds && paths.length > 0; round += 1) {
    if (round > 1) await clock.sleep(folder.delaySeconds * 1000 + pauseMs, signal);
    const fields = { folder: folder.name, paths };
    const reply = await link.ask("files/sample", { fields }, { limitSeconds: 300, signal });
    const theirs = sampleReply.parse(reply.fields).hashes;
    const own = await hashFiles(folder.path, paths, clock, signal);
    paths = paths.filter((_, index) => own[index] !== theirs[index]);
  }
  return { folder: folder.name, compared, differences: paths };
}

/** The source's answer. A path that may not be in a folder is answered as missing: nothing outside is ever read. */
export async function answerSample(root: string, message: LinkMessage, clock: ClockPort): Promise<LinkMessage> {
  const parsed = sampleFields.safeParse(message.fields);
  if (!parsed.success) throw new AppError("REQUEST_INVALID", "a sample of files is not asked for in the expected form");
  const { paths } = parsed.data;
  const isAllowed = (one: string): boolean => checkFilePath(one, pathSystem).isAllowed;
  const hashes = await hashFiles(
    root,
    paths.map((one) => (isAllowed(one) ? one : "")),
    clock,
  );
  return { fields: { hashes } };
}

/** The digest of each file in hexadecimal; empty where there is none, or it does not come to rest. */
async function hashFiles(
  root: string,
  paths: readonly string[],
  clock: ClockPort,
  signal?: AbortSignal,
): Promise<string[]> {
  const hashes: string[] = [];
  for (const one of paths) {
    const hash = one === "" ? undefined : await hashSourceFile(root, one, clock, signal);
    hashes.push(hash?.contentHash.toString("hex") ?? "");
  }
  return hashes;
}

/** Each file with the same chance, in one walk (reservoir sampling: Vitter, algorithm R). */
function chooseFiles(root: string, count: number, random: RandomPort, signal: AbortSignal): string[] {
  const chosen: string[] = [];
  const next = numbersFrom(random);
  let seen = 0;
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined && seen < mostNames; folder = folders.pop()) {
    signal.throwIfAborted();
    for (const entry of readFolder(path.join(root, folder))) {
      const name = folder === "" ? entry.name : joinPath(folder, entry.name);
      const isOwn = folder === "" && isReserved(entry.name);
      if (entry.isDirectory() && !isOwn) folders.push(name);
      if (!entry.isFile() || !checkFilePath(name, pathSystem).isAllowed) continue;
      seen += 1;
      if (chosen.length < count) chosen.push(name);
      else {
        const place = next() % seen;
        if (place < count) chosen[place] = name;
      }
    }
  }
  return chosen;
}

function readFolder(place: string): fs.Dirent[] {
  try {
    return fs.readdirSync(place, { withFileTypes: true });
  } catch (error) {
    // Removed since its name was read, or not ours to read: such files are none of the sample.
    if (errorCode(error) === "ENOENT" || errorCode(error) === "EACCES") return [];
    throw error;
  }
}

/** Numbers good enough to choose by, from one unguessable text (xorshift32, Marsaglia 2003). */
function numbersFrom(random: RandomPort): () => number {
  let state = Buffer.from(random.id()).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
