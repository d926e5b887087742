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
    if (where === "")
      step.context.ports.log.warn("target-database-not-backed-up", { because: "no backupDirectory is set there" });
    else step.context.ports.log.info("target-database-backed-up", { where });
  },
  // The peer answers only when the backup has its name, which it gets when everything in it is on the disk.
  verify: () => Promise.resolve(holds),
  undo: { kind: "nothing-to-undo" },
});
