import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Where an actor with this state directory serves its status. */
export interface ActorSocketPath {
  readonly path: string;
  /** The folder that must exist, and be nobody else's, before it listens; empty for a named pipe. */
  readonly folder: string;
  /** The path in the state directory was too long for a socket. */
  readonly isShortened: boolean;
}

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS and the BSDs, with the final zero (unix(7), unix(4)). */
const longestPathBytes = 100;

/** The same path for the actor and for all who ask it; both must run with the same temporary directory. */
export function actorSocketPath(stateDirectory: string, platform: string, temporary = tmpdir()): ActorSocketPath {
  const directory = resolve(stateDirectory);
  const short = createHash("sha256").update(directory).digest("hex").slice(0, 16);
  if (platform === "win32") return { path: `\\\\.\\pipe\\sparesync-${short}`, folder: "", isShortened: false };
  const path = join(directory, "actor.sock");
  if (Buffer.byteLength(path) <= longestPathBytes) return { path, folder: directory, isShortened: false };
  // A folder of its own: in the shared temporary directory anyone could put a socket of this name first.
  const folder = join(temporary, `sparesync-${short}`);
  return { path: join(folder, "actor.sock"), folder, isShortened: true };
}
