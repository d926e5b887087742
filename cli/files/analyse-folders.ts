import type { Command } from "commander";
import { z } from "zod";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";
import { showFolders } from "./follow-folders.js";

interface AnalyseFlags extends AdminFlags {
  readonly content?: boolean;
  readonly follow?: boolean;
}

const analyseAnswer = z.object({ folders: z.array(z.string()), hasContent: z.boolean() });

/** `sparesync files analyse`: has both sides compared now, and not when it is due. */
export function addAnalyse(files: Command, { io, answer }: CommandContext): void {
  const command = files
    .command("analyse [folder]")
    .description("compare a folder (all without a name) on both servers in full, now; ask the active server")
    .option("--content", "read every file on both sides: finds damage that size and times do not show")
    .option("--follow", "show the progress until the comparison, and what it found to bring over, is done");
  addAdminOptions(command).action(async (folder: string | undefined, { content, follow, ...flags }: AnalyseFlags) => {
    const client = await openAdminClient(flags, io);
    const request = { ...(folder === undefined ? {} : { folder }), hasContent: content === true };
    const asked = understand(analyseAnswer, await client.post("/v1/files/analyse", request), client);
    const { folders, hasContent } = asked;
    if (follow === true) {
      await answer(await showFolders(client, io, { isFollowed: true, isWanted: (name) => folders.includes(name) }));
      return;
    }
    const how = hasContent ? "by content" : "in full";
    await answer({
      text: `asked: ${folders.join(", ")} will be compared ${how} (sparesync files status --follow shows it)`,
      json: { ok: true, answer: toJson(asked) },
      exitCode: exitCodes.fine,
    });
  });
}
