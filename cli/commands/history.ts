import type { Command } from "commander";
import { z } from "zod";
import { eventRecord, eventSelectors } from "../../shared/core/event-record.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes, UsageError, type CliIo } from "../cli-io.js";
import type { CommandContext } from "../command.js";
import { formatHistory } from "../history-text.js";

const historyAnswer = z.object({ events: z.array(eventRecord), unreadableLines: z.number() });

interface HistoryFlags extends AdminFlags {
  readonly since?: string;
  readonly kind?: readonly string[];
  readonly limit: string;
}

/** `sparesync history`: what has happened on a server, newest first. */
export function addHistory(program: Command, { io, answer }: CommandContext): void {
  const command = program
    .command("history")
    .description("show what has happened on a server: who, what, why, result; newest first")
    .option("--since <time>", "nothing older: 2026-01-31, 2026-01-31T10:00:00Z, or back from now: 90s, 30m, 12h, 7d")
    .option("--kind <kind...>", `only these: ${eventSelectors.slice(0, 7).join(", ")}, or names of events`)
    .option("--limit <count>", "at most so many, 1 to 1000", "100");
  addAdminOptions(command).action(async (flags: HistoryFlags) => {
    const query = new URLSearchParams({ limit: flags.limit });
    if (flags.since !== undefined) query.set("since", readSince(flags.since, io));
    if (flags.kind !== undefined) query.set("kind", flags.kind.join(","));
    const client = await openAdminClient(flags, io);
    const page = understand(historyAnswer, await client.get(`/v1/history?${query.toString()}`), client);
    await answer({ text: formatHistory(page), json: { ok: true, ...toJson(page) }, exitCode: exitCodes.fine });
  });
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function readSince(text: string, { clock }: CliIo): string {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    return new Date(clock.wallMs() - Number(count) * (unitSeconds[unit] ?? 0) * 1000).toISOString();
  }
  const ms = Date.parse(text);
  if (!Number.isFinite(ms)) throw new UsageError(`--since ${text}: expected 2026-01-31, 2026-01-31T10:00:00Z or 12h`);
  return new Date(ms).toISOString();
}
