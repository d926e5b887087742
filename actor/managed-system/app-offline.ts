import { lstat, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { writeFileAtomically } from "../../shared/atomic-file.js";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ManagedSystemSettings } from "../../shared/core/settings/settings.js";
import type { ControlStatus, ManagedSystemControl } from "./control.js";

type AppOfflineSettings = Extract<ManagedSystemSettings["controls"][number], { readonly kind: "app-offline" }>;

/** Tells our file from one that a person or a deployment put there for a reason of their own. */
const marker = "<!-- written by SpareSync -->";
const content = `<!doctype html>
${marker}
<html lang="en">
<head><meta charset="utf-8"><title>Not served here</title></head>
<body><p>This server does not serve the application at the moment.</p></body>
</html>
`;
/** The account of the web server must be able to read the file; it names no secret. */
const fileMode = 0o644;

/** Stops a web application by a file `app_offline.htm` in its folder (ASP.NET Core's convention), starts it without. */
export function createAppOfflineControl({ directory }: AppOfflineSettings): ManagedSystemControl {
  const file = path.join(directory, "app_offline.htm");
  return {
    name: "app-offline",
    start: () => removeOwnFile(file),
    async stop() {
      const { state, because } = await readStatus(file);
      if (state === "stopped") return;
      if (state === "unknown") throw new AppError("MANAGED_SYSTEM_FAILED", because);
      await writeFileAtomically(file, content, fileMode).catch((cause: unknown) => {
        throw failed("written", file, cause);
      });
    },
    status: () => readStatus(file),
  };
}

async function readStatus(file: string): Promise<ControlStatus> {
  if (await isPresent(file)) return { state: "stopped", because: `${file} is present` };
  try {
    // Without the folder nothing is known about the application: a disk that is not mounted must not look like "runs".
    await lstat(path.dirname(file));
    return { state: "running", because: `${file} is not present` };
  } catch (error) {
    return { state: "unknown", because: `the folder of ${file} cannot be read: ${errorMessage(error)}` };
  }
}

async function isPresent(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch {
    return false;
  }
}

async function removeOwnFile(file: string): Promise<void> {
  const { state, because } = await readStatus(file);
  if (state === "running") return;
  if (state === "unknown") throw new AppError("MANAGED_SYSTEM_FAILED", because);
  const found = await readFile(file, "utf8").catch((cause: unknown) => {
    throw failed("read", file, cause);
  });
  if (!found.includes(marker)) {
    throw new AppError("MANAGED_SYSTEM_FAILED", `${file} was not written by SpareSync, so it is not removed`, {
      hint: "Find out who took the application offline, remove the file by hand and retry the step.",
    });
  }
  await rm(file, { force: true }).catch((cause: unknown) => {
    throw failed("removed", file, cause);
  });
}

function failed(what: string, file: string, cause: unknown): AppError {
  return new AppError("MANAGED_SYSTEM_FAILED", `${file} cannot be ${what}: ${errorMessage(cause)}`, {
    cause,
    ...(errorCode(cause) === "EACCES" && { hint: "Give SpareSync's account the right to write in that folder." }),
  });
}
