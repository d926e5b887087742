import path from "node:path";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import type { OutboxDiskPort } from "./message-ports.js";

/** `outbox.json` of the state directory, mode 0600, replaced whole. */
export function createOutboxDisk(stateDirectory: string): OutboxDiskPort {
  const file = path.join(stateDirectory, "outbox.json");
  return {
    read: async () => {
      const text = await readFileIfExists(file);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    write: (document) => writeFileAtomically(file, JSON.stringify(document)),
  };
}
