import type { Command } from "commander";
import { settingsOption } from "../command.js";

/** `sparesync actor`: runs the actor in the foreground until it is told to stop (SIGTERM). Logs are JSON lines. */
export function addActor(program: Command): void {
  program
    .command("actor")
    .description("run the actor of this server")
    .requiredOption(...settingsOption)
    .action(async ({ settings }: { settings: string }) => {
      // Loaded only here: the other commands should not pay for the whole actor.
      const { runActor } = await import("../../actor/main.js");
      await runActor(settings);
    });
}
