import { AppError } from "../shared/core/app-error.js";
import type { AnalysisRequest } from "./actor-api.js";
import { peerName, type ActorContext } from "./actor-context.js";

/** A person wants folders compared in full now, and not when it is due. Waits for no comparison. */
export async function analyseFolders(
  context: ActorContext,
  { folder, hasContent }: AnalysisRequest,
  requestedBy: string,
): Promise<readonly string[]> {
  const { ports, settings } = context;
  const known = settings.folders.map(({ name }) => name);
  if (folder !== undefined && !known.includes(folder)) {
    throw new AppError("NOT_FOUND", `There is no folder ${JSON.stringify(folder)} in the settings.`, {
      hint: `There are: ${known.join(", ") || "none"}.`,
    });
  }
  const wanted = folder === undefined ? known : [folder];
  const asked: string[] = [];
  for (const part of ports.parts) asked.push(...((await part.requestAnalysis?.(hasContent, wanted)) ?? []));
  if (asked.length === 0) throw whyNone(context, known);
  ports.log.info("folders-analysis-asked", { folders: asked, hasContent, requestedBy });
  return asked;
}

function whyNone(context: ActorContext, known: readonly string[]): AppError {
  const { record, isEnabled } = context.store.facts;
  const refused = (because: string, hint: string): AppError => new AppError("OPERATION_REFUSED", because, { hint });
  if (known.length === 0) return refused("The settings name no folder.", "add one to folders in both settings files");
  if (record && record.active !== context.server) {
    return refused(
      "This server is not active: the active server's actor compares the folders.",
      `ask the actor of the ${peerName(context)} server`,
    );
  }
  if (!isEnabled) return refused("Synchronisation is turned off.", "sparesync on turns it on; an analysis follows");
  return refused(
    "This server sends no files now, so there is nothing to compare with.",
    "sparesync status shows why; when it sends again it begins with a full analysis",
  );
}
