import { AppError } from "../shared/core/app-error.js";
import type { ActorContext } from "./actor-context.js";
import type { SyncItemErrors } from "./sync-part.js";

/** A person says that what a folder's source does not hold any more was really removed, or that a target's disk was replaced. */
export async function approveFolder(
  context: ActorContext,
  folder: string,
  requestedBy: string,
  shown?: string,
): Promise<void> {
  const { ports } = context;
  for (const part of ports.parts) {
    if ((await part.approve?.(folder, shown)) !== true) continue;
    ports.log.info("folder-approved", { folder, requestedBy, shown: shown ?? "" });
    return;
  }
  throw new AppError(
    "OPERATION_REFUSED",
    `Nothing of the folder ${JSON.stringify(folder)} waits for an approval here.`,
    {
      hint: "ask the other server's actor; sparesync status shows what a folder waits for",
    },
  );
}

/** What each part says of single files. */
export function folderErrors(context: ActorContext): readonly SyncItemErrors[] {
  return context.ports.parts.flatMap((part) => part.itemErrors?.() ?? []);
}
