import type { Command } from "commander";
import { z } from "zod";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes } from "../cli-io.js";
import type { CommandContext } from "../command.js";

const line = z.object({ what: z.string(), passed: z.boolean(), because: z.string(), seconds: z.number() });
const testAnswer = z.object({ lines: z.array(line) });

/** `sparesync dns test`: whether this server's key can change names at the update server, without touching a real one. */
export function addDns(program: Command, { io, answer }: CommandContext): void {
  const dns = program.command("dns").description("the update server");
  const command = dns.command("test").description("add a test name, read it back, delete it, and see that it is gone");
  addAdminOptions(command).action(async (flags: AdminFlags) => {
    const client = await openAdminClient(flags, io);
    const { lines } = understand(testAnswer, await client.post("/v1/dns/test", {}), client);
    const isFine = lines.length > 0 && lines.every(({ passed }) => passed);
    const text = lines.map(
      ({ what, passed, because, seconds }) =>
        `${passed ? "ok  " : "FAIL"} ${what} (${seconds.toFixed(2)} s)${because === "" ? "" : ` — ${because}`}`,
    );
    await answer({
      text: text.join("\n"),
      json: { ok: isFine, lines: lines.map(toJson) },
      exitCode: isFine ? exitCodes.fine : exitCodes.problem,
    });
  });
}
