import path from "node:path";
import { readFileIfExists, writeFileAtomically } from "../shared/atomic-file.js";
import { AppError, errorCode, errorMessage } from "../shared/core/app-error.js";
import type { FactsDiskPort } from "./ports.js";

/** The kept facts as one file, replaced whole. */
export function createFactsDisk(stateDirectory: string): FactsDiskPort {
  const file = path.join(stateDirectory, "facts.json");
  return {
    read: async () => {
      const text = await readFileIfExists(file).catch((cause: unknown) => {
        throw unreadable(
          `${file} cannot be read: ${errorMessage(cause)}`,
          cause,
          "Let the user who runs SpareSync own it.",
        );
      });
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        const hint = "Restore it from a backup; deleting it makes this server forget which epoch it has seen.";
        throw unreadable(`${file} is not JSON: ${errorMessage(cause)}`, cause, hint);
      }
    },
    write: (document) =>
      writeFileAtomically(file, JSON.stringify(document)).catch((cause: unknown) => {
        const hint = "Make room on that disk and let the user who runs SpareSync write there.";
        const message = `${file} cannot be written (${errorCode(cause) ?? "unknown"}): ${errorMessage(cause)}`;
        throw new AppError("STATE_UNWRITABLE", message, { cause, hint });
      }),
  };
}

function unreadable(message: string, cause: unknown, hint: string): AppError {
  return new AppError("STATE_UNREADABLE", message, { cause, hint });
}
