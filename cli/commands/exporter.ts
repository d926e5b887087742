import type { Command } from "commander";
import { settingsOption } from "../command.js";

/** `sparesync exporter`: runs the exporter in the foreground until it is told to stop (SIGTERM). */
export function addExporter(program: Command): void {
  program
    .command("exporter")
    .description("run the exporter of this server")
    .requiredOption(...settingsOption)
    .action(async ({ settings }: { settings: string }) => {
      const { runExporter } = await import("../../exporter/main.js");
      await runExporter(settings);
    });
}
