import { Option, type Command } from "commander";
import { z } from "zod";
import { messageCodes } from "../../shared/core/message-catalogue.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";

const testAnswer = z.object({ code: z.string(), sent: z.literal(true) });

/** `sparesync message test`: shows that a message would arrive. */
export function addMessage(program: Command, { io, answer }: CommandContext): void {
  const messages = program.command("message").description("try out what people are told by mail");
  const test = messages
    .command("test")
    .description("send a test message to the addresses of the settings, now")
    .addOption(new Option("--code <code>", "the message to show").choices(messageCodes).default("MainAppInvisible"));
  addAdminOptions(test).action(async (flags: AdminFlags & { readonly code: string }) => {
    const client = await openAdminClient(flags, io);
    const sent = understand(testAnswer, await client.post("/v1/messages/test", { code: flags.code }), client);
    const text = `the mail server has taken the test message ${sent.code}; look whether it arrives`;
    await answer({ text, json: { ok: true, ...toJson(sent) }, exitCode: exitCodes.fine });
  });
}
