import { mkdir } from "node:fs/promises";
import type { Finding } from "../shared/check/finding.js";
import { examineKeyFiles } from "../shared/check/key-files.js";
import { examineActorPaths } from "../shared/check/named-paths.js";
import { errorMessage } from "../shared/core/app-error.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import { SettingsError } from "../shared/core/settings/settings-problem.js";
import type { LoadedSettings } from "../shared/settings-file.js";

/**
 * Rejects with a SettingsError that names every file the actor cannot start without and cannot use: before anything is
 * opened, so that a wrong file is not found half way. What it can start with is a warning in the log.
 */
export async function requireUsableFiles(loaded: LoadedSettings, wallMs: number, log: LoggerPort): Promise<void> {
  const findings = [...(await examineActorPaths(loaded.settings)), ...(await examineKeyFiles(loaded.settings, wallMs))];
  refuse(
    loaded,
    findings.filter(({ grade }) => grade === "unusable"),
  );
  for (const { key, message, hint } of findings) log.warn("setting-problem", { setting: key, because: message, hint });
}

/** Makes the state directory. Rejects with a SettingsError when it cannot. */
export async function prepareState(loaded: LoadedSettings): Promise<void> {
  const { stateDirectory } = loaded.settings;
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const message = `${stateDirectory} cannot be made: ${errorMessage(error)}`;
    const hint = "let the user who runs SpareSync make it, or name another folder";
    refuse(loaded, [{ key: "stateDirectory", grade: "unusable", message, hint }]);
  }
}

function refuse({ file, problemAt }: LoadedSettings, findings: readonly Finding[]): void {
  if (findings.length > 0) throw new SettingsError(file, findings.map(problemAt));
}
