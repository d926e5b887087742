import type { Command } from "commander";
import { settingsOption } from "../command.js";

/** `sparesync guard`: runs the guard in the foreground until it is told to stop (SIGTERM). Logs are JSON lines. */
export function addGuard(program: Command): void {
  program
    .command("guard")
    .description("run the guard of this server: it stops the application when the actor cannot")
    .requiredOption(...settingsOption)
    .action(async ({ settings }: { settings: string }) => {
      const { runGuardProcess } = await import("../../actor/guard/main.js");
      await runGuardProcess(settings);
    });
}
