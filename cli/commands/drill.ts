import type { Command } from "commander";
import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import { drillReport, type DrillReport } from "../../shared/core/drill.js";
import { toJson, understand } from "../admin-answers.js";
import { addAdminOptions, openAdminClient, type AdminClient, type AdminFlags } from "../admin-client.js";
import { addWaitOptions } from "../ask-for-operation.js";
import { exitCodes, type CliIo, type CommandResult } from "../cli-io.js";
import type { CommandContext } from "../command.js";
import { formatTable, formatTime } from "../text-table.js";

interface DrillFlags extends AdminFlags {
  readonly wait?: boolean;
  readonly limitSeconds: number;
}

const pollMs = 1000;

/** `sparesync drill`: rehearses a takeover on the spare, without touching the active server; shows what came of it. */
export function addDrill(program: Command, { io, answer }: CommandContext): void {
  const drill = program.command("drill").description("rehearse a takeover on the spare, without touching who serves");
  const start = drill.command("start", { isDefault: true }).description("begin a drill, or find the one that runs");
  addAdminOptions(addWaitOptions(start)).action(async (flags: DrillFlags) => {
    const client = await openAdminClient(flags, io);
    const begun = understand(z.object({ drill: drillReport }), await client.post("/v1/drills", {}), client).drill;
    await answer(describe(flags.wait === true ? await untilEnded(client, begun, flags.limitSeconds, io) : begun));
  });
  addAdminOptions(drill.command("list").description("the drills held on this server, newest first")).action(
    async (flags: AdminFlags) => {
      const drills = await readDrills(await openAdminClient(flags, io));
      const rows = drills.map(({ id, result, startedAtMs, because }) => [id, formatTime(startedAtMs), result, because]);
      await answer({
        text: rows.length === 0 ? "no drill was held here yet" : formatTable(rows),
        json: { ok: true, drills: drills.map(toJson) },
        exitCode: exitCodes.fine,
      });
    },
  );
}

async function readDrills(client: AdminClient): Promise<readonly DrillReport[]> {
  return understand(z.object({ drills: z.array(drillReport) }), await client.get("/v1/drills"), client).drills;
}

async function untilEnded(
  client: AdminClient,
  begun: DrillReport,
  limitSeconds: number,
  io: CliIo,
): Promise<DrillReport> {
  const untilMs = io.clock.monotonicMs() + limitSeconds * 1000;
  let seen = begun;
  while (seen.result === "running") {
    if (io.clock.monotonicMs() > untilMs) {
      throw new AppError("DEADLINE_EXCEEDED", `drill ${begun.id} has not ended within ${limitSeconds} s; it goes on`, {
        hint: "sparesync drill list",
      });
    }
    await io.clock.sleep(pollMs, io.interruption());
    seen = (await readDrills(client)).find(({ id }) => id === begun.id) ?? seen;
  }
  return seen;
}

function describe(drill: DrillReport): CommandResult {
  const { id, result, because, measuredSeconds, recoveryTimeSeconds, recoveryPointSeconds } = drill;
  const rows = drill.lines.map((line) => [`  ${line.result}`, line.name, `${line.seconds.toFixed(2)} s`, line.because]);
  const isOver = result === "passed" || result === "failed";
  const text = [
    `drill ${id}: ${result}${because === "" ? "" : ` — ${because}`}`,
    ...(rows.length === 0 ? [] : [formatTable(rows)]),
    ...(isOver
      ? [
          `recovery time ${recoveryTimeSeconds.toFixed(1)} s, of which ${measuredSeconds.toFixed(2)} s were measured and ` +
            `the rest are the set waits; recovery point ${recoveryPointSeconds.toFixed(1)} s`,
        ]
      : []),
  ].join("\n");
  const isFine = result === "passed" || result === "running";
  return { text, json: { ok: isFine, drill: toJson(drill) }, exitCode: isFine ? exitCodes.fine : exitCodes.problem };
}
