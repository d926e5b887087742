import { InvalidArgumentError, type Command } from "commander";
import { z } from "zod";
import { longestPauseSeconds } from "../../shared/core/longest-pause.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";
import { parseDuration } from "../parse-duration.js";
import { formatTime } from "../text-table.js";

const pauseAnswer = z.object({ untilMs: z.number(), isPeerConnected: z.boolean() });

type PauseFlags = AdminFlags & { readonly for: number; readonly reason: string };

function parsePause(text: string): number {
  const forSeconds = parseDuration(text);
  if (forSeconds >= 1 && forSeconds <= longestPauseSeconds) return forSeconds;
  throw new InvalidArgumentError("a pause lasts from 1s to 7d; for longer, turn SpareSync off: sparesync off");
}

/** `sparesync pause`: no automatic switching until the time is over; synchronisation and manual operations go on. */
export function addPause(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("pause")
    .description("pause automatic switching for some time; synchronisation goes on")
    .requiredOption("--for <duration>", "how long: 90s, 30m, 2h, 1d or 1h30m; at most 7d", parsePause)
    .requiredOption("--reason <text>", "why; shown as long as it lasts");
  addAdminOptions(command).action(async (flags: PauseFlags) => {
    const body = { forSeconds: flags.for, reason: flags.reason };
    const client = await openAdminClient(flags, io);
    const paused = understand(pauseAnswer, await client.post("/v1/pause", body), client);
    const until = `automatic switching is paused until ${formatTime(paused.untilMs)}`;
    const text = paused.isPeerConnected
      ? `${until}, on both servers`
      : `${until}, on this server; the other one is not connected and learns it when it is again`;
    await answer({ text, json: { ok: true, answer: toJson(paused) }, exitCode: exitCodes.fine });
  });
}
