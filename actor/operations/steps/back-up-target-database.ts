import { commandPeer } from "../peer-command.js";
import { defineStep, holds } from "../step.js";

/** Half a day: a backup of a large database takes its time, and the application goes on meanwhile. */
const backupLimitSeconds = 43_200;

/** Keeps a copy of the returning server's database, before the reverse synchronisation overwrites anything in it. */
export const backUpTargetDatabase = defineStep({
  name: "back-up-target-database",
  title: "Back up the database of the server that takes over, where a backup folder is set",
  limitSeconds: () => backupLimitSeconds,
  patienceSeconds: 60,
  do: async (step) => {
    const where = await commandPeer(step, "back-up-database", 10);
    step.context.ports.log.info("target-database-backed-up", { where });
  },
  // The peer answers only after the backup was written and read back by its engine.
  verify: () => Promise.resolve(holds),
  undo: { kind: "nothing-to-undo" },
});
