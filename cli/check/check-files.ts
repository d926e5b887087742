import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { formatSettingPath, mapSettings, type SettingEntry } from "../../shared/core/settings/settings-list.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { readSecretFile } from "../../shared/secret-file.js";

/** Something about a file or folder that a setting names. */
export interface CheckFinding {
  readonly key: string;
  readonly message: string;
  readonly hint: string;
}

interface NamedPath {
  readonly key: string;
  readonly path: string;
  readonly entry: SettingEntry;
}

/** Examines that all files and folders exist, can be used, and that secrets are not readable by others. */
export async function findPathProblems(settings: Settings): Promise<readonly CheckFinding[]> {
  const findings: CheckFinding[] = [];
  for (const named of listPaths(settings)) {
    if (!isUsed(named.key, settings)) continue;
    const problem = await examine(named);
    if (problem) findings.push({ key: named.key, ...problem });
  }
  return findings;
}

function listPaths(settings: Settings): readonly NamedPath[] {
  const paths: NamedPath[] = [];
  mapSettings(settings, (entry, value, place) => {
    if (entry.metadata.path !== undefined && typeof value === "string") {
      paths.push({ key: formatSettingPath(place), path: value, entry });
    }
    return value;
  });
  return paths;
}

/** A listener without TLS needs no certificate. */
function isUsed(key: string, { link, admin }: Settings): boolean {
  if (/^link\.(certificateFile|privateKeyFile|peerCertificateFile)$/.test(key)) return link.transport === "https";
  if (/^admin\.(certificateFile|privateKeyFile)$/.test(key)) return admin.transport === "https";
  return true;
}

async function examine({ path, entry }: NamedPath): Promise<Omit<CheckFinding, "key"> | undefined> {
  try {
    if (entry.metadata.path === "file") {
      if (entry.metadata.secret) await readSecretFile(path);
      else await readFile(path);
      return undefined;
    }
    if (!(await stat(path)).isDirectory()) return { message: `${path} is not a folder`, hint: "name a folder" };
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return { message: error.message, hint: error.hint ?? "" };
    if (errorCode(error) !== "ENOENT") {
      return {
        message: `${path} cannot be used: ${errorMessage(error)}`,
        hint: "let the user who runs SpareSync use it",
      };
    }
    // What SpareSync fills itself it also makes.
    if (entry.metadata.path === "new-directory") return undefined;
    return { message: `${path} does not exist`, hint: "create it, or correct the setting" };
  }
}
