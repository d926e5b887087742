import { createFileSync, type FileSync } from "../../actor/files/file-sync.js";
import { openChangeSource } from "../../actor/files/open-change-source.js";
import { defaultTransferLimits } from "../../actor/files/transfer-limits.js";
import { createLinkClient } from "../../actor/link/link-client.js";
import { createLinkServer } from "../../actor/link/link-server.js";
import type { DataRole } from "../../actor/sync-part.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { folderSettings } from "../../shared/core/settings/data-settings.js";
import { createJsonLogger } from "../../shared/json-logger.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { createSystemRandom } from "../../shared/system-random.js";
import type { FileSideAnswer, FileSideOptions, FileSideRequest, FileSideTask } from "./file-side-protocol.js";

/**
 * A process with the real files half of one actor and the real link (mutual TLS, pinned certificates, pair key), told by
 * its parent what to do: FileProcessPair. It ends with its parent, by SIGTERM, or however it is killed.
 */
const never = new AbortController().signal;
let files: FileSync | undefined;
let close: () => Promise<void> = () => Promise.resolve();

const tasks: Readonly<Record<FileSideTask, (value: unknown) => Promise<unknown>>> = {
  open: async (value) => {
    await open(value as FileSideOptions);
    return null;
  },
  "set-role": async (value) => {
    await opened().setRole(value as DataRole);
    return null;
  },
  synchronise: () => opened().synchronise(never),
  "compare-contents": () => opened().compareContents(never),
  drain: () => opened().drain(never),
  status: () => Promise.resolve(opened().status()),
  details: () => Promise.resolve(opened().details()),
  "watch-only": async (value) => {
    const ignore = (): void => undefined;
    const source = openChangeSource(value as string, [], { onDirty: ignore, onUncertain: ignore, onLimited: ignore });
    await source.ready;
    return null;
  },
  close: async () => {
    await close();
    return null;
  },
};

async function open(options: FileSideOptions): Promise<void> {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const { server, certificate, privateKey, peerCertificate } = options;
  const log = createJsonLogger({ stream: process.stderr, wallMs: () => clock.wallMs(), fields: { server } });
  const shared = {
    tls: { certificate, privateKey, peerCertificate },
    pairKey: Buffer.from(options.pairKeyHex, "hex"),
    identity: { pair: "test", server, instance: random.id() },
    log,
    clock,
    random,
    onRefused: () => undefined,
  };
  const link = createLinkClient({ ...shared, peer: { host: "127.0.0.1", port: options.peerPort } });
  const folders = options.folders.map((folder) => folderSettings.parse(folder));
  const { stateDirectory } = options;
  const transfer = { ...defaultTransferLimits, ...options.transfer };
  const part = createFileSync({ folders, stateDirectory, link, clock, log, random, transfer });
  const listen = { host: "127.0.0.1", port: options.listenPort };
  const listener = createLinkServer({ ...shared, listen, handlers: part.handlers });
  await listener.start();
  files = part;
  close = async () => {
    await part.close();
    link.close();
    await listener.stop();
  };
}

function opened(): FileSync {
  if (files === undefined) throw new Error("the side was not opened");
  return files;
}

process.on("message", (message) => {
  const { id, task, value } = message as FileSideRequest;
  const answer = (content: Omit<FileSideAnswer, "id">): void => {
    // The parent may be gone by now; then this process is about to end.
    if (process.connected) process.send?.({ id, ...content });
  };
  Promise.resolve()
    .then(() => tasks[task](value))
    .then(
      (result) => {
        answer({ value: result });
      },
      (error: unknown) => {
        answer({ error: errorMessage(error) });
      },
    );
});
process.on("disconnect", () => process.exit(0));
