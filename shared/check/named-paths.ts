import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { AppError, errorCode, errorMessage } from "../core/app-error.js";
import { formatSettingPath, mapSettings, type SettingEntry } from "../core/settings/settings-list.js";
import type { Settings } from "../core/settings/settings.js";
import { readSecretFile } from "../secret-file.js";
import type { Finding } from "./finding.js";

interface NamedPath {
  readonly key: string;
  readonly path: string;
  readonly entry: SettingEntry;
}

type Flaw = Pick<Finding, "message" | "hint">;

const letUserUseIt = "let the user who runs SpareSync use it";

/** Examines that all files and folders exist, can be used, and that secrets are not readable by others. */
export function examinePaths(settings: Settings): Promise<readonly Finding[]> {
  return examineEach(listPaths(settings), settings);
}

/** The same of what the actor itself cannot start without; a folder on a disk that hangs does not hold up its start. */
export function examineActorPaths(settings: Settings): Promise<readonly Finding[]> {
  return examineEach(
    listPaths(settings).filter(({ key }) => isNeededByActor(key)),
    settings,
  );
}

async function examineEach(paths: readonly NamedPath[], settings: Settings): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const named of paths) {
    if (!isUsed(named.key, settings)) continue;
    const flaw = await examine(named);
    if (flaw) findings.push({ key: named.key, grade: isNeededByActor(named.key) ? "unusable" : "problem", ...flaw });
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

function isNeededByActor(key: string): boolean {
  return key === "stateDirectory" || /^(link|admin|dns\.tsig|witness)\./.test(key);
}

/** A listener without TLS needs no certificate. */
function isUsed(key: string, { link, admin, exporter, notifications, witness }: Settings): boolean {
  if (/^link\.(certificateFile|privateKeyFile|peerCertificateFile)$/.test(key)) return link.transport === "https";
  if (/^admin\.(certificateFile|privateKeyFile)$/.test(key)) return admin.transport === "https";
  if (key === "exporter.webConfigFile") return !exporter.openToEverybody;
  if (key === "notifications.mail.passwordFile") return notifications.mail.user !== "";
  if (key === "notifications.alertmanagerPasswordFile") return notifications.alertmanagerUser !== "";
  if (key === "witness.passwordFile") return witness?.user !== "";
  return true;
}

async function examine({ path: named, entry }: NamedPath): Promise<Flaw | undefined> {
  try {
    if (entry.metadata.path === "file") {
      if (entry.metadata.secret) await readSecretFile(named);
      else await readFile(named);
      return undefined;
    }
    return await examineFolder(named);
  } catch (error) {
    if (error instanceof AppError) return { message: error.message, hint: error.hint ?? "" };
    if (errorCode(error) !== "ENOENT") return cannotBeUsed(named, error);
    // What SpareSync fills itself it also makes.
    if (entry.metadata.path === "new-directory") return await examineParent(named);
    return { message: `${named} does not exist`, hint: "create it, or correct the setting" };
  }
}

async function examineFolder(folder: string): Promise<Flaw | undefined> {
  if (!(await stat(folder)).isDirectory()) return { message: `${folder} is not a folder`, hint: "name a folder" };
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  return undefined;
}

/** Whether a folder that is not there yet can be made: the nearest one around it must take it. */
async function examineParent(missing: string): Promise<Flaw | undefined> {
  const parent = path.dirname(missing);
  try {
    if (!(await stat(parent)).isDirectory()) {
      return { message: `${missing} cannot be made: ${parent} is not a folder`, hint: "correct the setting" };
    }
    await access(parent, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    // The root of a file system is its own parent, and exists.
    if (errorCode(error) === "ENOENT") return examineParent(parent);
    return { message: `${missing} cannot be made: ${errorMessage(error)}`, hint: letUserUseIt };
  }
}

function cannotBeUsed(named: string, error: unknown): Flaw {
  return { message: `${named} cannot be used: ${errorMessage(error)}`, hint: letUserUseIt };
}
